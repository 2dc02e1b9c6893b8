import { expect } from 'chai'
import { type EnvelopeBin, emptyBin, middleUs, widenBin } from '../src/envelope-bin.js'
import { OneWayLines } from '../src/one-way-lines.js'
import { PathNoise } from '../src/path-noise.js'
import { SeededRandom } from './seeded-random.js'

const noiseUs = 50
const pathUs = 4000
const unknownPpm = 60

/** A bin whose fastest request and reply queued for so long, between clocks of no offset but a drift. */
function binOf(atS: number, requestUs: number, replyUs: number, driftPpm = 0): EnvelopeBin {
  const bin = emptyBin(atS)
  const [sentS, backS] = [atS, atS + 0.3]
  widenBin(bin, driftPpm, sentS, pathUs + requestUs + driftPpm * sentS, backS, driftPpm * backS - pathUs - replyUs)
  return bin
}

function linesThrough(bins: readonly EnvelopeBin[], driftPpm = 0): OneWayLines {
  const lines = new OneWayLines()
  lines.fit(bins, noiseUs, driftPpm, unknownPpm)
  return lines
}

/** Bins a second apart, each direction of which has queued for a time of its own. */
function queuedBins(
  random: SeededRandom,
  count: number,
  requestMedianUs: number,
  replyMedianUs: number,
): EnvelopeBin[] {
  return Array.from({ length: count }, (_, i) =>
    binOf(i, random.lognormal(requestMedianUs, 1.2), random.lognormal(replyMedianUs, 1.2)),
  )
}

interface Weighed {
  readonly offsetUs: number
  readonly variance: number
}

function meanOf(readings: readonly Weighed[]): Weighed {
  const weight = readings.reduce((sum, { variance }) => sum + 1 / variance, 0)
  return {
    offsetUs: readings.reduce((sum, { offsetUs, variance }) => sum + offsetUs / variance, 0) / weight,
    variance: 1 / weight,
  }
}

/** Root of the mean square of how far estimates are from their mean, which is what rooms on like paths differ by. */
function spreadOf(estimates: readonly number[]): number {
  const mean = estimates.reduce((sum, us) => sum + us, 0) / estimates.length
  return Math.sqrt(estimates.reduce((sum, us) => sum + (us - mean) ** 2, 0) / estimates.length)
}

describe('OneWayLines', () => {
  it('says nothing of fewer than four bins, and nothing once it has forgotten them', () => {
    const bins = [0, 1, 2, 3].map((atS) => binOf(atS, 0, 0))
    expect(linesThrough(bins.slice(1)).readingOf(bins[0]!)).to.equal(undefined)
    const lines = linesThrough(bins)
    expect(lines.readingOf(bins[0]!)?.offsetUs).to.be.closeTo(0, 0.1)
    lines.forget()
    expect(lines.readingOf(bins[0]!)).to.equal(undefined)
  })

  it('reads the middle of a bin that queued both ways alike, and doubts it by as much as it queued', () => {
    const bins = Array.from({ length: 20 }, (_, i) => binOf(i, 0, 0))
    const reading = linesThrough(bins).readingOf(binOf(20, 1000, 1000))!
    expect(reading.offsetUs).to.be.closeTo(0, 0.1)
    expect(Math.sqrt(reading.variance)).to.be.closeTo(Math.hypot(noiseUs, 1000), 5)
  })

  it('reads a bin of which one direction queued by the other one', () => {
    const bins = Array.from({ length: 20 }, (_, i) => binOf(i, 0, 0))
    const lines = linesThrough(bins)
    for (const bin of [binOf(20, 3000, 0), binOf(20, 0, 3000)]) {
      expect(Math.abs(middleUs(bin))).to.equal(1500)
      const reading = lines.readingOf(bin)!
      expect(Math.abs(reading.offsetUs)).to.be.below(5)
      expect(Math.sqrt(reading.variance)).to.be.closeTo(noiseUs * Math.SQRT2, 1)
    }
  })

  it('finds the drift that both directions share, from one that is wrong by 50 ppm', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed)
      const bins = Array.from({ length: 60 }, (_, i) =>
        binOf(i, i % 3 ? random.exponential(2000) : 0, i % 4 ? random.exponential(2000) : 0, 50),
      )
      const { offsetUs } = linesThrough(bins).readingOf(binOf(60, 0, 0, 50))!
      expect(offsetUs).to.be.closeTo(50 * 60.15, 150)
    }
  })

  it('claims no more than it knows where only one direction queues', () => {
    const [estimates, variances]: [number[], number[]] = [[], []]
    for (let seed = 1; seed <= 200; seed++) {
      const random = new SeededRandom(seed)
      const bins = Array.from({ length: 40 }, (_, i) => binOf(i, random.exponential(50), random.lognormal(600, 1.2)))
      const path = new PathNoise()
      path.place(bins[0]!, [], 0)
      path.judge(bins, 0, 40)
      const lines = new OneWayLines()
      lines.fit(bins, path.noiseUs, 0, 0.01)
      const { offsetUs, variance } = meanOf(bins.map((bin) => lines.readingOf(bin)!))
      estimates.push(offsetUs)
      variances.push(variance)
    }
    const claimedUs = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / variances.length)
    expect(spreadOf(estimates)).to.be.below(claimedUs)
  })

  it('tells by how far bins spread what an estimate from all of them is worth, which their variances underrate', () => {
    const estimates: number[] = []
    const variances: number[] = []
    const shares: number[] = []
    for (let seed = 1; seed <= 300; seed++) {
      const bins = queuedBins(new SeededRandom(seed), 40, 600, 600)
      const path = new PathNoise()
      path.place(bins[0]!, [], 0)
      path.judge(bins, 0, 40)
      const lines = new OneWayLines()
      expect(lines.varianceShare).to.equal(1)
      lines.fit(bins, path.noiseUs, 0, 0.01)
      const { offsetUs, variance } = meanOf(bins.map((bin) => lines.readingOf(bin)!))
      estimates.push(offsetUs)
      variances.push(variance)
      shares.push(variance * lines.varianceShare)
    }
    const rootOfMean = (values: readonly number[]) =>
      Math.sqrt(values.reduce((sum, value) => sum + value, 0) / values.length)
    expect(spreadOf(estimates)).to.be.below(0.75 * rootOfMean(variances))
    expect(spreadOf(estimates) / rootOfMean(shares)).to.be.within(0.8, 1.25)
  })

  for (const [name, requestUs, replyUs] of [
    ['alike', 600, 600],
    ['replies four times as much', 500, 2000],
  ] as const)
    it(`spreads by a fifth less than middles weighed by their widths, where queues are heavy-tailed, ${name}`, () => {
      const [byLines, byMiddles]: [number[], number[]] = [[], []]
      for (let seed = 1; seed <= 300; seed++) {
        const bins = queuedBins(new SeededRandom(seed), 40, requestUs, replyUs)
        const path = new PathNoise()
        path.place(bins[0]!, [], 0)
        path.judge(bins, 0, 40)
        const lines = new OneWayLines()
        lines.fit(bins, path.noiseUs, 0, 0.01)
        byLines.push(meanOf(bins.map((bin) => lines.readingOf(bin)!)).offsetUs)
        byMiddles.push(
          meanOf(bins.map((bin) => ({ offsetUs: middleUs(bin), variance: path.varianceOf(bin, 0) }))).offsetUs,
        )
      }
      expect(spreadOf(byLines)).to.be.below(0.8 * spreadOf(byMiddles))
    })
})
