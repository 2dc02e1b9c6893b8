/** How well the pace of a card is known, and how calmly what is known moves, soon after it has started. */
import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { DeviceClock } from '../src/device-clock.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'

const sampleRate = 48_000
const frameUs = 1e6 / sampleRate
const queueMs = 100
const seeds = 20

interface Card {
  readonly periodMs: number
  /** Frames its position moves by at a time. */
  readonly burst: number
  /** What it reports is off by up to so much, µs. */
  readonly jitterUs: number
  /** How late the thread wakes on average, µs. */
  readonly wakeUs: number
}

interface Knowledge {
  readonly ppm: number
  readonly positionUs: number
}

/** What is wrong with what is known, a second apart from the first on; the card is up to ±200 ppm off. */
function errorsOf(card: Card, seed: number, seconds: number): readonly Knowledge[] {
  const random = new SeededRandom(seed)
  const ppm = 400 * random.uniform() - 200
  const clock = new DeviceClock(sampleRate)
  const frames = card.periodMs * 48
  const trueFrameUs = frameUs / (1 + ppm * 1e-6)
  const errors: Knowledge[] = []
  for (let played = 0; played <= seconds * sampleRate; played += frames) {
    const woken = Math.ceil(played / card.burst) * card.burst
    const readAt = 5e9 + woken * trueFrameUs - card.wakeUs * Math.log(1 - random.uniform())
    const position = Math.floor((readAt - 5e9) / trueFrameUs / card.burst + 1e-9) * card.burst
    const written = played + queueMs * 48
    const jitterFrames = Math.round(((2 * random.uniform() - 1) * card.jitterUs) / frameUs)
    const queuedFrames = written - position + jitterFrames - 0.5
    const heardAt = (readAt + queuedFrames * frameUs) as LocalUs
    clock.observe({ frames, heardAt, queuedFrames, restarted: played === 0 })
    if (played % sampleRate === 0 && played > 0)
      errors.push({ ppm: clock.devicePpm - ppm, positionUs: clock.heardAt(0) - 5e9 - written * trueFrameUs })
  }
  return errors
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

describe('DeviceClock, of a card up to 200 ppm off', () => {
  const exact: Card = { periodMs: 20, burst: 1, jitterUs: 0, wakeUs: 60 }
  /** After 5, 10 and 30 s, root mean square: error of the rate (ppm), what it moves by in a second, error of the position (µs). */
  const kinds: readonly {
    readonly what: string
    readonly card: Card
    readonly ppm: readonly [number, number, number]
    readonly slopePpmPerS: readonly [number, number, number]
    readonly positionUs: readonly [number, number, number]
  }[] = [
    {
      what: 'is exact to a frame',
      card: exact,
      ppm: [0.5, 0.2, 0.06],
      slopePpmPerS: [0.5, 0.15, 0.02],
      positionUs: [2, 1, 0.7],
    },
    {
      what: 'asks every 5 ms',
      card: { ...exact, periodMs: 5, wakeUs: 30 },
      ppm: [0.3, 0.1, 0.04],
      slopePpmPerS: [0.25, 0.05, 0.02],
      positionUs: [2, 2, 2],
    },
    {
      what: 'asks every 50 ms',
      card: { ...exact, periodMs: 50 },
      ppm: [1, 0.4, 0.1],
      slopePpmPerS: [1, 0.2, 0.04],
      positionUs: [3, 1.5, 1],
    },
    {
      what: 'counts 48 frames at a time',
      card: { ...exact, burst: 48, wakeUs: 40 },
      ppm: [4, 1.5, 0.3],
      slopePpmPerS: [1.5, 0.5, 0.1],
      positionUs: [10, 10, 10],
    },
    {
      what: 'jitters by ±1 ms',
      card: { ...exact, jitterUs: 1000 },
      // A line through n reports of 577 µs over T, 577·√12/(T·√n) ppm and 577·2/√n µs: 8.9, 1.7 ppm and 52, 30 µs after 10 and 30 s.
      ppm: [50, 12, 2],
      slopePpmPerS: [30, 6, 0.8],
      positionUs: [130, 50, 25],
    },
  ]
  for (const { what, card, ppm, slopePpmPerS, positionUs } of kinds)
    it(`knows the rate to ${ppm.join(', ')} ppm after 5, 10, 30 s where it ${what}`, () => {
      const runs = Array.from({ length: seeds }, (_, seed) => errorsOf(card, seed + 1, 31))
      for (const [i, ageS] of [5, 10, 30].entries()) {
        const [before, after] = [runs.map((run) => run[ageS - 1]!), runs.map((run) => run[ageS]!)]
        expect(rms(before.map((error) => error.ppm)), `rate after ${ageS} s`).to.be.below(ppm[i]!)
        const slopes = after.map((error, n) => error.ppm - before[n]!.ppm)
        expect(rms(slopes), `slope after ${ageS} s`).to.be.below(slopePpmPerS[i]!)
        expect(rms(before.map((error) => error.positionUs)), `position after ${ageS} s`).to.be.below(positionUs[i]!)
      }
    })

  it('counts what is queued at the true rate: half a second of it is 100 µs at 200 ppm', () => {
    const clock = new DeviceClock(sampleRate)
    const frames = 960
    const queuedFrames = 24_000
    const trueFrameUs = frameUs / (1 + 200e-6)
    for (let n = 0; n < 500; n++) {
      const readAt = 5e9 + n * frames * trueFrameUs
      const heardAt = (readAt + queuedFrames * frameUs) as LocalUs
      clock.observe({ frames, heardAt, queuedFrames, restarted: n === 0 })
      const errorUs = clock.heardAt(0) - readAt - queuedFrames * trueFrameUs
      if (n >= 50) expect(errorUs, `after ${n} periods`).to.be.within(-3, 3)
    }
  })

  it('is within 0.1 ms of a card that counts 256 frames at a time and is read at the ends of periods of 960, once it is told', () => {
    const burst = 256
    const errorOf = (isNeverEarly: boolean): number => {
      const random = new SeededRandom(7)
      const clock = new DeviceClock(sampleRate)
      let errorUs = 0
      for (let n = 0; n < 1500; n++) {
        const played = n * 960
        const wakeUs = -60 * Math.log(1 - random.uniform())
        const position = Math.floor((played + wakeUs / frameUs) / burst) * burst
        const written = played + queueMs * 48
        const queuedFrames = written - position - 0.5
        const heardAt = (5e9 + played * frameUs + wakeUs + queuedFrames * frameUs) as LocalUs
        clock.observe({ frames: 960, heardAt, queuedFrames, restarted: n === 0, isNeverEarly })
        errorUs = clock.heardAt(0) - 5e9 - written * frameUs
      }
      return errorUs
    }
    // Bursts as old as nothing, a quarter, a half and three quarters take turns: nothing in their scatter says which is right.
    expect(errorOf(false)).to.be.within(1_500, 2_500)
    expect(errorOf(true)).to.be.within(-20, 100)
  })

  it('does not take a queue that grows for a slower card', () => {
    const clock = new DeviceClock(sampleRate)
    const frames = 960
    const trueFrameUs = frameUs / (1 - 150e-6)
    let readAt = 5e9
    for (let n = 0; n < 1_500; n++) {
      const queuedFrames = n < 750 ? 1_440 : 24_000
      if (n === 750) readAt -= (24_000 - 1_440) * trueFrameUs // written at once
      const heardAt = (readAt + queuedFrames * frameUs) as LocalUs
      clock.observe({ frames, heardAt, queuedFrames, restarted: n === 0 })
      if (n > 250) expect(clock.devicePpm).to.be.closeTo(-150, 0.1)
      readAt += frames * trueFrameUs
    }
    expect(clock.slips).to.equal(0)
  })
})
