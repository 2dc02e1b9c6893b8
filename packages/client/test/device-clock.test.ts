import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { DeviceClock } from '../src/device-clock.js'

const sampleRate = 48_000
const frames = 480

/** A deterministic stand-in for chance: uniform in [-1, 1), decorrelated from step to step. */
function noiseSource(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Reports of a card `ppm` fast over `seconds`; returns the worst error of `heardAt` after `settleS`, µs. */
function worstErrorUs(
  clock: DeviceClock,
  {
    ppm,
    seconds,
    settleS,
    report,
  }: { ppm: number; seconds: number; settleS: number; report: (trueUs: number, n: number) => number },
): number {
  const periodUs = ((frames / sampleRate) * 1e6) / (1 + ppm * 1e-6)
  let worst = 0
  for (let n = 0; n * periodUs < seconds * 1e6; n++) {
    const trueUs = 5e9 + n * periodUs
    clock.observe({ frames, heardAt: report(trueUs, n) as LocalUs, queuedFrames: 0, restarted: n === 0 })
    if (n * periodUs > settleS * 1e6) worst = Math.max(worst, Math.abs(clock.heardAt(0) - trueUs))
  }
  return worst
}

describe('DeviceClock', () => {
  it('follows an exact device to within half a sample from the third period on', () => {
    const clock = new DeviceClock(sampleRate)
    expect(worstErrorUs(clock, { ppm: 100, seconds: 5, settleS: 0.02, report: (t) => t })).to.be.below(
      1e6 / sampleRate / 2,
    )
    expect(clock.devicePpm).to.be.closeTo(100, 0.5)
  })

  it('averages reports that jitter by a millisecond down to tens of microseconds', () => {
    const noise = noiseSource(1)
    const clock = new DeviceClock(sampleRate)
    const worst = worstErrorUs(clock, { ppm: -80, seconds: 120, settleS: 30, report: (t) => t + 1000 * noise() })
    expect(worst).to.be.below(60)
    expect(clock.slips).to.equal(0)
  })

  it('says honestly how sure it is of a device that jitters by a millisecond', () => {
    for (const [seconds, sigmaUs] of [
      [0.5, 400],
      [3, 40],
      [10, 15],
      [60, 8],
    ] as const) {
      const shares: number[] = []
      for (let seed = 1; seed <= 40; seed++) {
        const noise = noiseSource(seed * 7919)
        const clock = new DeviceClock(sampleRate)
        let errorUs = 0
        for (let n = 0; n * frames < seconds * sampleRate; n++) {
          const trueUs = 5e9 + n * 10_000 * (1 - 30e-6)
          const heardAt = (trueUs + 1000 * noise()) as LocalUs
          clock.observe({ frames, heardAt, queuedFrames: 0, restarted: n === 0 })
          errorUs = clock.heardAt(0) - trueUs
        }
        shares.push(errorUs / clock.sigmaUs)
        expect(clock.sigmaUs, `after ${seconds} s`).to.be.below(sigmaUs)
      }
      const rms = Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0) / shares.length)
      expect(rms, `after ${seconds} s`).to.be.within(0.1, 1.5)
    }
  })

  it('is not led by a report now and then that lies 60 % beyond the edges of the others', () => {
    const noise = noiseSource(4)
    const clock = new DeviceClock(sampleRate)
    const report = (t: number, n: number) => t + (n % 300 === 299 ? 1600 : 1000 * noise())
    expect(worstErrorUs(clock, { ppm: 20, seconds: 60, settleS: 10, report })).to.be.below(40)
  })

  it('is not moved by a single report 21 ms off', () => {
    const clock = new DeviceClock(sampleRate)
    const blip = (n: number) => (n % 200 === 150 ? 21_300 : 0)
    expect(worstErrorUs(clock, { ppm: 20, seconds: 20, settleS: 1, report: (t, n) => t + blip(n) })).to.be.below(20)
    expect(clock.slips).to.equal(0)
  })

  it('moves in one step when the device has slipped without saying so', () => {
    const clock = new DeviceClock(sampleRate)
    const slipped = (n: number) => (n >= 500 ? 21_333 : 0)
    worstErrorUs(clock, { ppm: 20, seconds: 5.3, settleS: 0, report: (t, n) => t + slipped(n) })
    expect(clock.slips).to.equal(1)
  })

  it('settles on the mean of a device that counts in lumps of 256 frames', () => {
    const clock = new DeviceClock(sampleRate)
    const lumpUs = (256 / sampleRate) * 1e6
    const noise = noiseSource(3)
    const report = (t: number) => t + lumpUs * 0.5 * noise()
    expect(worstErrorUs(clock, { ppm: 0, seconds: 180, settleS: 90, report })).to.be.below(120)
  })

  /** How late a thread wakes that is to be woken at once: 20 µs and an exponential rest, longer on a busy machine. */
  const wakeUs = (noise: () => number, meanUs: number): number => 20 - meanUs * Math.log(0.5 - 0.5 * noise() + 1e-12)

  for (const [load, meanUs] of [
    ['an idle', 30],
    ['a busy', 100],
  ] as const) {
    it(`follows the freshest reports of a device that counts in bursts on ${load} machine`, () => {
      const noise = noiseSource(5)
      const clock = new DeviceClock(sampleRate)
      const report = (t: number) => t + (wakeUs(noise, meanUs) % 1000)
      const worst = worstErrorUs(clock, { ppm: 60, seconds: 60, settleS: 10, report })
      expect(worst).to.be.below(20 + meanUs / 3)
      expect(clock.devicePpm).to.be.closeTo(60, 1)
      expect(clock.slips).to.equal(0)
    })
  }

  it('is not moved by half a minute of load, in which a thread wakes late, when the device counts in bursts', () => {
    const noise = noiseSource(6)
    const clock = new DeviceClock(sampleRate)
    const report = (t: number, n: number) => t + (wakeUs(noise, n > 3000 && n < 6000 ? 150 : 30) % 1000)
    const worst = worstErrorUs(clock, { ppm: -40, seconds: 90, settleS: 10, report })
    expect(worst).to.be.below(60)
    expect(clock.slips).to.equal(0)
  })

  it('takes symmetric noise of any size for what it is', () => {
    for (const [seed, jitterUs] of [30, 100, 300, 1000, 1000, 1000, 1000, 1000].entries()) {
      const noise = noiseSource(20 + seed)
      const clock = new DeviceClock(sampleRate)
      const report = (t: number) => t + jitterUs * noise()
      const worst = worstErrorUs(clock, { ppm: 20, seconds: 60, settleS: 30, report })
      expect(worst, `±${jitterUs} µs`).to.be.below(5 + jitterUs * 0.07)
    }
  })

  it('keeps the crystal but not the position when the device restarts', () => {
    const clock = new DeviceClock(sampleRate)
    worstErrorUs(clock, { ppm: 75, seconds: 10, settleS: 0, report: (t) => t })
    clock.observe({ frames, heardAt: 9e12 as LocalUs, queuedFrames: 0, restarted: true })
    expect(clock.heardAt(0)).to.equal(9e12)
    expect(clock.devicePpm).to.be.closeTo(75, 0.5)
  })

  for (const [name, jitterUs, boundUs, settledUs] of [
    ['exact', 0, 150, 20],
    ['jittery', 1000, 1500, 100],
    ['only late', 100, 500, 60],
  ] as const) {
    it(`keeps a device with ${name} reports in sight while the local clock is slewed by 500 ppm, and after`, () => {
      const noise = noiseSource(3)
      const clock = new DeviceClock(sampleRate)
      const slewed = (trueUs: number): number => {
        const sinceUs = trueUs - 5e9
        return trueUs + 500e-6 * (Math.min(Math.max(sinceUs, 60e6), 120e6) - 60e6)
      }
      const periodUs = (frames / sampleRate) * 1e6
      let worstUs = 0
      let lastUs = 0
      const errorUs = (): number => (name === 'only late' ? wakeUs(noise, jitterUs) : jitterUs * noise())
      for (let n = 0; n * periodUs < 240e6; n++) {
        const readAt = slewed(5e9 + n * periodUs)
        clock.observe({ frames, heardAt: (readAt + errorUs()) as LocalUs, queuedFrames: 0, restarted: n === 0 })
        lastUs = Math.abs(clock.heardAt(0) - readAt)
        if (n * periodUs > 30e6) worstUs = Math.max(worstUs, lastUs)
      }
      expect(worstUs).to.be.below(boundUs)
      expect(lastUs).to.be.below(settledUs)
      expect(clock.devicePpm).to.be.closeTo(0, 1)
    })
  }
})
