import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { ReportStrip } from '../src/report-strip.js'

const periodUs = 40_000
const queuedS = 0.1

/** A strip of even reports, ±1 ms, of a device that is 80 ppm slower than nominal; how far it is off, and whether a report was thrown away. */
function follow(seed: number, reports: number, { sigmaPpm = 100, thoughtPpm = 0 } = {}) {
  const random = new SeededRandom(seed)
  const strip = new ReportStrip()
  let trueUs = 1e9
  strip.begin((trueUs + 300) as LocalUs, thoughtPpm, sigmaPpm)
  let thrownAway = 0
  for (let n = 0; n < reports; n++) {
    if (n > 0) {
      strip.advance(periodUs)
      trueUs += periodUs * (1 + 80e-6)
    }
    const reported = trueUs - queuedS * 80 + 2000 * random.uniform() - 1000
    if (strip.add(reported as LocalUs, queuedS) !== 0) thrownAway++
  }
  return { strip, trueUs, thrownAway, errorUs: strip.heardAt - trueUs, errorPpm: strip.ppm - 80 }
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

describe('ReportStrip', () => {
  it('is known to about w/n of even reports: 25 µs after ten seconds, 4.5 after a minute', () => {
    for (const [seconds, us, ppm] of [
      [10, 25, 4],
      [60, 4.5, 0.15],
    ] as const) {
      const runs = Array.from({ length: 60 }, (_, seed) => follow(seed + 1, seconds * 25))
      expect(rms(runs.map(({ errorUs }) => errorUs))).to.be.below(us)
      expect(rms(runs.map(({ errorPpm }) => errorPpm))).to.be.below(ppm)
      expect(rms(runs.map(({ errorUs, strip }) => errorUs / strip.sigmaUs))).to.be.within(0.25, 1.2)
      expect(rms(runs.map(({ errorPpm, strip }) => errorPpm / strip.sigmaPpm))).to.be.within(0.25, 1.2)
      for (const { thrownAway } of runs) expect(thrownAway).to.equal(0)
    }
  })

  it('has its place sooner where the rate is known', () => {
    const runs = Array.from({ length: 60 }, (_, seed) => follow(seed + 1, 250, { sigmaPpm: 0.3, thoughtPpm: 80.2 }))
    expect(rms(runs.map(({ errorUs }) => errorUs))).to.be.below(9)
    expect(rms(runs.map(({ errorUs, strip }) => errorUs / strip.sigmaUs))).to.be.within(0.4, 1.2)
  })

  it('holds every report, and no narrower one does', () => {
    const random = new SeededRandom(3)
    const reports = Array.from({ length: 300 }, (_, n) => ({ s: n * 0.04, us: 400 * random.uniform() - 30 * n * 0.04 }))
    const strip = new ReportStrip()
    strip.begin(0 as LocalUs, 0, 100)
    for (const [n, { s, us }] of reports.entries()) {
      if (n > 0) strip.advance(periodUs)
      strip.add((s * 1e6 + us) as LocalUs, 0)
    }
    const widthAt = (ppm: number): number => {
      const levels = reports.map(({ s, us }) => us - ppm * s)
      return Math.max(...levels) - Math.min(...levels)
    }
    expect(2 * strip.halfWidthUs).to.be.closeTo(widthAt(strip.ppm), 1e-3)
    for (let ppm = -60; ppm < 0; ppm += 0.25) expect(widthAt(ppm)).to.be.above(2 * strip.halfWidthUs - 1e-3)
  })

  it('leaves out what lies far beyond its edges, and says on which side', () => {
    const { strip, trueUs, errorUs } = follow(1, 500)
    strip.advance(periodUs)
    const next = trueUs + periodUs * (1 + 80e-6) - queuedS * 80
    expect(strip.add((next + 1_300) as LocalUs, queuedS)).to.equal(1)
    expect(strip.add((next - 1_300) as LocalUs, queuedS)).to.equal(-1)
    expect(strip.heardAt - trueUs - periodUs * (1 + 80e-6)).to.be.closeTo(errorUs, 1)
  })
})
