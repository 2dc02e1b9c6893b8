import { expect } from 'chai'
import { mixMusic, openMusic } from '../src/music.js'
import { beatFrames, notes, pieceFrames, sampleRate } from '../src/score.js'
import { instruments, longestToneS, renderTone } from '../src/tones.js'

function mix(from: number, frames: number): readonly [Float32Array, Float32Array] {
  const channels = [new Float32Array(frames), new Float32Array(frames)] as const
  mixMusic(from, channels)
  return channels
}

function peak(samples: Float32Array): number {
  return samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0)
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}

describe('Music', () => {
  it('never clips and is never silent for long, all through the piece and its repetition', () => {
    for (let from = 0; from < pieceFrames + 10 * sampleRate; from += 4 * beatFrames) {
      for (const channel of mix(from, 4 * beatFrames)) {
        expect(peak(channel)).to.be.below(0.85)
        expect(rms(channel)).to.be.within(0.02, 0.3)
      }
    }
  }).timeout(60_000)

  it('sounds on over its seam: the end of the piece rings into the next beginning', () => {
    const [first] = mix(0, sampleRate)
    const [again] = mix(pieceFrames, sampleRate)
    const ringing = again.map((sample, i) => sample - first[i]!)
    expect(rms(ringing)).to.be.above(0.005)
    const [across] = mix(pieceFrames - 1000, 2000)
    let steepest = 0
    for (let i = 980; i < 1020; i++) steepest = Math.max(steepest, Math.abs(across[i]! - across[i - 1]!))
    expect(steepest).to.be.below(0.1)
  })

  it('is the same from its second repetition on', () => {
    expect(mix(2 * pieceFrames + 777, 4800)).to.deep.equal(mix(pieceFrames + 777, 4800))
  })

  it('is the same however it is cut into blocks and wherever it is opened', async () => {
    const source = openMusic(20_000)
    const blocks = [await source.read(), await source.read()]
    const [left, right] = mix(20 * sampleRate, 9600)
    expect(Float32Array.of(...blocks.flatMap((block) => [...block!.getChannelData(0)]))).to.deep.equal(left)
    expect(Float32Array.of(...blocks.flatMap((block) => [...block!.getChannelData(1)]))).to.deep.equal(right)
  })

  it('ends when it is closed', async () => {
    const source = openMusic(0)
    await source.close()
    await source.close()
    expect(await source.read()).to.equal(undefined)
  })

  it('is made of tones that start and end in silence', () => {
    for (const instrument of instruments) {
      const pitch = notes.find((note) => note.instrument === instrument)!.pitch
      const tone = renderTone(instrument, pitch, sampleRate)
      expect(tone.length).to.be.at.most(longestToneS * sampleRate)
      expect(Math.abs(tone[0]!), instrument).to.be.below(1e-6)
      expect(Math.abs(tone.at(-1)!), instrument).to.be.below(1e-6)
      expect(peak(tone), instrument).to.be.within(0.2, 2)
    }
  })
})
