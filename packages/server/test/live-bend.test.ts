import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { AudioBender } from '../src/audio-bender.js'
import { LiveBend } from '../src/live-bend.js'

const rate = 48_000
const block = 240
const hertz = 997

/** What becomes of a tone while `gain(block number)` frames are asked for, up to block `hurriedUntil` in a hurry. */
function play(
  blocks: number,
  gain: (block: number) => number,
  hurriedUntil = 0,
): { heard: Float32Array; lengths: number[] } {
  const bender = new AudioBender(rate, 1)
  const bend = new LiveBend(rate, bender.reach)
  const parts: Float32Array[] = []
  for (let n = 0; n < blocks; n++) {
    const audio = new AudioBuffer({ length: block, numberOfChannels: 1, sampleRate: rate })
    const samples = audio.getChannelData(0)
    for (let i = 0; i < block; i++) samples[i] = Math.sin((2 * Math.PI * hertz * (n * block + i)) / rate)
    if (gain(n) !== 0) bend.gain(gain(n))
    bend.isHurried = n < hurriedUntil
    parts.push(bender.bend(audio, bend.take(block)).getChannelData(0))
  }
  expect(bend.isBending).to.equal(false)
  const heard = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    heard.set(part, offset)
    offset += part.length
  }
  return { heard, lengths: parts.map(({ length }) => length) }
}

/** Frames from `from` on that are not, to the bit, those of a tone that began `lag` frames late. */
function differences(heard: Float32Array, from: number, lag: number): number {
  let count = 0
  for (let i = from; i < heard.length; i++)
    if (heard[i] !== Math.fround(Math.sin((2 * Math.PI * hertz * (i - lag)) / rate))) count++
  return count
}

/** Phase of the tone around `frame`, in input frames behind an unbent one. */
function lagFrames(heard: Float32Array, frame: number): number {
  let [re, im] = [0, 0]
  for (let i = 0; i < 4800; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 4800)
    const angle = (2 * Math.PI * hertz * (frame + i)) / rate
    re += window * heard[frame + i]! * Math.sin(angle)
    im += window * heard[frame + i]! * Math.cos(angle)
  }
  return (-Math.atan2(im, re) * rate) / (2 * Math.PI * hertz)
}

describe('A bent programme', () => {
  it('is what came, to the bit, while nothing is to be changed', () => {
    const { heard, lengths } = play(50, () => 0)
    expect(new Set(lengths)).to.deep.equal(new Set([block]))
    const reach = new AudioBender(rate, 1).reach
    expect(differences(heard, reach, reach)).to.equal(0)
  })

  for (const frames of [1, 7, 240, -1, -96]) {
    it(`becomes exactly ${frames} frames longer, and is untouched afterwards`, () => {
      const blocks = 6000
      const { heard, lengths } = play(blocks, (n) => (n === 100 ? frames : 0))
      expect(heard.length).to.equal(blocks * block + frames)
      expect(lengths.slice(-200).every((length) => length === block)).to.equal(true)
      const reach = new AudioBender(rate, 1).reach
      expect(differences(heard, heard.length - 100 * block, frames + reach)).to.equal(0)
    })
  }

  it('never changes its pitch by more than 0.1 %, a fifth of that without need, and not in a jump', () => {
    const { heard } = play(16_000, (n) => (n === 100 ? 960 : n === 8000 ? -300 : 0), 5000)
    const step = 2400
    const lags: number[] = []
    for (let frame = step; frame + 4800 < heard.length; frame += step) lags.push(lagFrames(heard, frame))
    const period = rate / hertz
    const speeds = lags.slice(1).map((lag, i) => {
      const change = lag - lags[i]!
      return (change - period * Math.round(change / period)) / step
    })
    expect(Math.max(...speeds)).to.be.within(0.95e-3, 1.01e-3)
    expect(Math.min(...speeds)).to.be.within(-2.1e-4, -1.9e-4)
    const jumps = speeds.slice(1).map((speed, i) => Math.abs(speed - speeds[i]!))
    expect(Math.max(...jumps)).to.be.below(1e-4) // a thousandth a second, seen through two windows of 0.1 s
  })

  it('changes its mind on the way without a seam', () => {
    const { heard } = play(8000, (n) => (n === 100 ? 4800 : n === 500 ? -4900 : 0))
    expect(heard.length).to.equal(8000 * block - 100)
    // No second difference of a tone is greater than its amplitude times the square of its step.
    let greatest = 0
    for (let i = 100; i < heard.length; i++)
      greatest = Math.max(greatest, Math.abs(heard[i]! - 2 * heard[i - 1]! + heard[i - 2]!))
    expect(greatest).to.be.below(1.02 * ((2 * Math.PI * hertz) / rate) ** 2)
  })
})
