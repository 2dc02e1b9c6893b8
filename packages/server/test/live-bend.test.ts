import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { AudioBender } from '../src/audio-bender.js'
import { LiveBend } from '../src/live-bend.js'
import { chance } from './live-world.js'

const rate = 48_000
const block = 240
const hertz = 996 // whole turns in a quarter of a second
/** What a tone is judged in: half a second, as in the lab. */
const windowFrames = rate / 2
/** Of a bender, in input frames. */
const reach = 17

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

/** Runs of a bend by positions alone, in blocks of so many frames, one length after the other. */
function runs(
  blocks: number,
  gain: (block: number) => number,
  isHurried: (block: number, outstanding: number) => boolean = () => false,
  lengths: readonly number[] = [block],
) {
  const bend = new LiveBend(rate, reach)
  return Array.from({ length: blocks }, (_, n) => {
    if (gain(n) !== 0) bend.gain(gain(n))
    bend.isHurried = isHurried(n, bend.outstandingFrames)
    const taken = lengths[n % lengths.length]!
    return { ...bend.take(taken), taken, outstanding: bend.outstandingFrames, isBending: bend.isBending }
  })
}

type Run = ReturnType<typeof runs>[number]

/** How fast the rate changes, per second, at most; a step between runs counts as if it took one, of 5 ms at least. */
function steepest(all: readonly Run[]): number {
  let [most, before] = [0, all[0]!.startRatio]
  for (const { startRatio, endRatio, frames } of all) {
    if (frames === 0) continue
    const change = Math.abs(endRatio - startRatio) + Math.abs(startRatio - before)
    most = Math.max(most, (change * rate) / Math.max(block, frames))
    before = endRatio
  }
  return most
}

/** Amplitudes of sine and cosine in `window`, at a pulsation: by least squares, so that turns need not be whole. */
function correlate(window: Float32Array, radians: number): readonly [sine: number, cosine: number] {
  let [ss, sc, cc, ws, wc] = [0, 0, 0, 0, 0]
  for (let i = 0; i < window.length; i++) {
    const [s, c] = [Math.sin(radians * i), Math.cos(radians * i)]
    ss += s * s
    sc += s * c
    cc += c * c
    ws += window[i]! * s
    wc += window[i]! * c
  }
  const determinant = ss * cc - sc * sc
  return [(ws * cc - wc * sc) / determinant, (wc * ss - ws * sc) / determinant]
}

/** The purity of a tone, in dB: against the sine that fits best, whatever its frequency. */
function purity(window: Float32Array): number {
  const half = window.length / 2
  let radians = (2 * Math.PI * hertz) / rate
  for (let round = 0; round < 4; round++) {
    const [first, second] = [window.subarray(0, half), window.subarray(half)].map((part) => {
      const [sine, cosine] = correlate(part, radians)
      return Math.atan2(cosine, sine)
    })
    const ahead = second! - first! - radians * half
    radians += (ahead - 2 * Math.PI * Math.round(ahead / (2 * Math.PI))) / half
  }
  const [sine, cosine] = correlate(window, radians)
  let rest = 0
  for (let i = 0; i < window.length; i++)
    rest += (window[i]! - sine * Math.sin(radians * i) - cosine * Math.cos(radians * i)) ** 2
  return 10 * Math.log10(((sine ** 2 + cosine ** 2) * window.length) / 2 / rest)
}

describe('A bent programme', () => {
  it('is what came, to the bit, while nothing is to be changed', () => {
    const { heard, lengths } = play(50, () => 0)
    expect(new Set(lengths)).to.deep.equal(new Set([block]))
    const reach = new AudioBender(rate, 1).reach
    expect(differences(heard, reach, reach)).to.equal(0)
  })

  for (const frames of [1, 7, 96, -1, -96]) {
    it(`becomes exactly ${frames} frames longer, and is untouched afterwards`, () => {
      const blocks = 20_000
      const { heard, lengths } = play(blocks, (n) => (n === 100 ? frames : 0))
      expect(heard.length).to.equal(blocks * block + frames)
      expect(lengths.slice(-200).every((length) => length === block)).to.equal(true)
      const reach = new AudioBender(rate, 1).reach
      expect(differences(heard, heard.length - 100 * block, frames + reach)).to.equal(0)
    })
  }

  it('leaves a tone as pure as it was, but for ten seconds at either end of a calm bend, where 58 dB are left', () => {
    for (const frames of [480, -480]) {
      const { heard } = play(16_000, (n) => (n === 100 ? frames : 0))
      const windows = Array.from({ length: heard.length / windowFrames - 1 }, (_, n) =>
        heard.subarray((n + 1) * windowFrames, (n + 2) * windowFrames),
      )
      const purities = windows.map(purity)
      expect(Math.min(...purities)).to.be.above(57)
      const bentS = (purities.filter((db) => db < 83).length * windowFrames) / rate
      expect(bentS).to.be.within(19, 22)
    }
  })

  it('slopes by 20 ppm a second, up to 200 ppm, and comes to rest by the same slope', () => {
    const all = runs(250_000, (n) => (n === 100 ? 4800 : n === 150_000 ? -96 : 0))
    expect(steepest(all)).to.be.within(1.9e-5, 2.1e-5)
    const slowest = all.reduce((least, { endRatio }) => Math.min(least, endRatio), 1)
    expect(slowest).to.be.closeTo(1 - 2e-4, 1e-9)
    expect(all.at(-1)!.isBending).to.equal(false)
    const gained = all.reduce((sum, { frames, taken }) => sum + frames - taken, 0)
    expect(gained).to.equal(4800 - 96)
  })

  it('takes ten seconds to hurry by 0.1 %, and eight to calm down', () => {
    const all = runs(
      80_000,
      (n) => (n === 100 ? 4800 : 0),
      (_, outstanding) => outstanding > 1200,
    )
    const slower = all.map(({ endRatio }) => 1 - endRatio)
    expect(Math.max(...slower)).to.be.closeTo(1e-3, 1e-6)
    expect(slower.findIndex((share) => share > 0.99e-3) - 100).to.be.within(1900, 2100)
    expect(steepest(all)).to.be.below(1.1e-4)
    const from = all.findIndex(({ outstanding }, n) => n > 100 && outstanding <= 1200)
    const calmed = from + slower.slice(from).findIndex((share) => share <= 2e-4)
    expect(calmed - from).to.be.within(1550, 1650)
    expect(steepest(all.slice(calmed + 1))).to.be.below(2.1e-5)
    expect(all.at(-1)!.isBending).to.equal(false)
  })

  it('loses a millisecond more before it turns, if what it loses is needed after all', () => {
    const all = runs(140_000, (n) => (n === 100 ? -4800 : n === 40_100 ? 4800 : 0))
    expect(all.at(-1)!.isBending).to.equal(false)
    expect(steepest(all)).to.be.within(1.9e-5, 2.1e-5)
    const outstanding = all.slice(40_100).map((run) => run.outstanding)
    expect(Math.max(...outstanding) - outstanding[0]!).to.be.within(0.0009 * rate, 0.0011 * rate)
  })

  it('comes to rest whatever the lengths of its blocks are, and however often it changes its mind', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = chance(seed)
      const lengths = Array.from({ length: 101 }, () => 1 + Math.floor(random() * 2000))
      const gains = Array.from({ length: 6 }, () => Math.round((random() - 0.5) * 400))
      const all = runs(
        40_000,
        (n) => (n % 1500 === 0 ? (gains[n / 1500] ?? 0) : 0),
        () => false,
        lengths,
      )
      const sum = all.reduce((gained, { frames, taken }) => gained + frames - taken, 0)
      expect(sum, `seed ${seed}`).to.equal(gains.reduce((total, frames) => total + frames))
      expect(all.at(-1)!.isBending).to.equal(false)
      expect(Number.isInteger(all.at(-1)!.position)).to.equal(true)
      expect(steepest(all), `seed ${seed}`).to.be.below(1.1e-4)
    }
  })

  it('is heard without a seam where it changes its mind in a hurry', () => {
    const { heard } = play(9000, (n) => (n === 100 ? 480 : n === 1500 ? -500 : 0), 9000)
    expect(heard.length).to.equal(9000 * block - 20)
    // No second difference of a tone is greater than its amplitude times the square of its step.
    let greatest = 0
    for (let i = 100; i < heard.length; i++)
      greatest = Math.max(greatest, Math.abs(heard[i]! - 2 * heard[i - 1]! + heard[i - 2]!))
    expect(greatest).to.be.below(1.02 * ((2 * Math.PI * hertz) / rate) ** 2)
  })
})
