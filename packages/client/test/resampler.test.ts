import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { MediaRing } from '../src/media-ring.js'
import type { Segment } from '../src/plan.js'
import { Resampler } from '../src/resampler.js'

const deviceRate = 48_000
const amplitude = 0.5

/** A ring holding `frames` frames of `sample(frame)`, the right channel negated. */
function ringOf(frames: number, sample: (frame: number) => number): MediaRing {
  const ring = MediaRing.allocate(frames)
  ring.append(blockOf(frames, sample))
  return ring
}

function blockOf(frames: number, sample: (frame: number) => number): AudioBuffer {
  const block = new AudioBuffer({ length: frames, sampleRate: deviceRate, numberOfChannels: 2 })
  const [left, right] = [block.getChannelData(0), block.getChannelData(1)]
  for (let i = 0; i < frames; i++) {
    left[i] = sample(i)
    right[i] = -left[i]!
  }
  return block
}

const tone = (hertz: number, mediaRate: number) => (frame: number) =>
  amplitude * Math.sin((2 * Math.PI * hertz * frame) / mediaRate)

function runOf(run: Partial<Segment>): Segment {
  return { offset: 0, frames: 480, startFrame: 0, startRatio: 1, endRatio: 1, startGain: 1, endGain: 1, ...run }
}

/** Signal over everything that is not the signal, dB, against the exact value at each position. */
function sinadDb(hertz: number, mediaRate: number, ratioAt: (deviceS: number) => number): number {
  const seconds = 1
  const exact = tone(hertz, mediaRate)
  const ring = ringOf(Math.ceil(mediaRate * (seconds + 0.1)), exact)
  const resampler = new Resampler(deviceRate)
  const left = new Float32Array(480)
  const right = new Float32Array(480)
  let position = 100.37
  let signal = 0
  let error = 0
  for (let period = 0; period < seconds * 100; period++) {
    const startRatio = ratioAt(period / 100)
    const endRatio = ratioAt((period + 1) / 100)
    resampler.resample(ring, runOf({ startFrame: position, startRatio, endRatio }), left, right)
    for (let i = 0; i < 480; i++) {
      const wanted = exact(position + i * startRatio + (i * i * (endRatio - startRatio)) / 960)
      signal += wanted ** 2
      error += (left[i]! - wanted) ** 2
      expect(right[i]).to.equal(-left[i]!)
    }
    position += (480 * (startRatio + endRatio)) / 2
  }
  return 10 * Math.log10(signal / error)
}

describe('Resampler', () => {
  const sweep = (deviceS: number) => 1 + 500e-6 * Math.sin(2 * Math.PI * 2 * deviceS)

  for (const hertz of [1_000, 10_000, 17_000])
    it(`keeps every error 90 dB below ${hertz} Hz while the ratio swings by 500 ppm`, () => {
      expect(sinadDb(hertz, 48_000, sweep)).to.be.above(90)
    })

  for (const mediaRate of [44_100, 96_000])
    for (const hertz of [1_000, 10_000, 17_000])
      it(`keeps every error 90 dB below ${hertz} Hz from ${mediaRate} Hz media to a 48 kHz device`, () => {
        expect(sinadDb(hertz, mediaRate, () => mediaRate / deviceRate)).to.be.above(90)
      })

  for (const hertz of [33_000, 40_000])
    it(`removes ${hertz} Hz, which a 48 kHz device cannot play, from 96 kHz media by 90 dB`, () => {
      const ring = ringOf(4_000, tone(hertz, 96_000))
      const left = new Float32Array(480)
      new Resampler(deviceRate).resample(
        ring,
        runOf({ startFrame: 500.3, startRatio: 2, endRatio: 2 }),
        left,
        new Float32Array(480),
      )
      const loudest = Math.max(...left.map(Math.abs))
      expect(20 * Math.log10(loudest / amplitude)).to.be.below(-90)
    })

  it('gives the media itself, to the bit, at whole positions', () => {
    const ring = ringOf(2_000, (frame) => Math.fround(Math.sin(frame * frame)))
    const left = new Float32Array(480)
    new Resampler(deviceRate).resample(ring, runOf({ startFrame: 700 }), left, new Float32Array(480))
    const media = new Float32Array(480)
    ring.read(700, 480, media, new Float32Array(480))
    expect([...left]).to.deep.equal([...media])
  })

  it('plays positions of 10^10 frames as exactly as small ones', () => {
    const near = MediaRing.allocate(4_000)
    const distant = MediaRing.allocate(4_000)
    const start = 1e10
    const block = blockOf(4_000, (frame) => Math.sin(frame * 0.7))
    near.append(block)
    skipTo(distant, start)
    distant.append(block)
    const resampler = new Resampler(deviceRate)
    const [a, b, spare] = [new Float32Array(480), new Float32Array(480), new Float32Array(480)]
    const fraction = 1_000.25 // exact at any magnitude
    resampler.resample(near, runOf({ startFrame: fraction, startRatio: 1.0001, endRatio: 1.0002 }), a, spare)
    resampler.resample(distant, runOf({ startFrame: start + fraction, startRatio: 1.0001, endRatio: 1.0002 }), b, spare)
    expect([...b]).to.deep.equal([...a])
  })

  it('takes what is before the window for silence, and what is beyond its end for its mirror image', () => {
    const ring = ringOf(1_000, () => 1)
    const left = new Float32Array(480).fill(9)
    new Resampler(deviceRate).resample(ring, runOf({ startFrame: 700.5 }), left, new Float32Array(480))
    for (const sample of left) expect(sample).to.be.closeTo(1, 1e-6)
    new Resampler(deviceRate).resample(ring, runOf({ startFrame: -600.5 }), left, new Float32Array(480))
    expect([...left]).to.deep.equal(Array(480).fill(0))
  })

  it('crosses the end of the ring without a seam', () => {
    const ring = MediaRing.allocate(1_300)
    const wave = (frame: number) => Math.sin(frame * 0.31)
    ring.append(blockOf(900, wave))
    ring.release(900)
    ring.append(blockOf(700, (frame) => wave(frame + 900)))
    const left = new Float32Array(480)
    new Resampler(deviceRate).resample(
      ring,
      runOf({ startFrame: 850.4, startRatio: 1.01, endRatio: 1.01 }),
      left,
      left.slice(),
    )
    for (let i = 0; i < 480; i++) expect(left[i]).to.be.closeTo(wave(850.4 + i * 1.01), 1e-4)
  })

  it('plays media faster than it was made for, if not as clean', () => {
    const ring = ringOf(9_000, tone(1_000, 192_000))
    const left = new Float32Array(1_500)
    const run = runOf({ frames: 1_500, startFrame: 200.25, startRatio: 4, endRatio: 4 })
    new Resampler(deviceRate, 48_000).resample(ring, run, left, new Float32Array(1_500))
    for (let i = 0; i < 1_500; i++) expect(left[i]).to.be.closeTo(tone(1_000, 192_000)(200.25 + 4 * i), 1e-3)
  })

  it('ramps the gain of a run in a straight line and leaves the rest of the period alone', () => {
    const ring = ringOf(2_000, () => 1)
    const left = new Float32Array(480).fill(7)
    const run = runOf({ offset: 100, frames: 240, startFrame: 300, startGain: 0, endGain: 1 })
    new Resampler(deviceRate).resample(ring, run, left, new Float32Array(480))
    expect(left[99]).to.equal(7)
    expect(left[100]).to.equal(0)
    expect(left[220]).to.be.closeTo(0.5, 1e-6)
    expect(left[339]).to.be.closeTo(239 / 240, 1e-6)
    expect(left[340]).to.equal(7)
  })
})

/** Advances an empty ring to frame `target` as a day of playing would. */
function skipTo(ring: MediaRing, target: number): void {
  const words = new Float64Array(ring.buffer, 16, 4)
  words.fill(target)
  new Int32Array(ring.buffer, 8, 1)[0] = 1
}
