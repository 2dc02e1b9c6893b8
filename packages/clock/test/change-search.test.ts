import { expect } from 'chai'
import { ChangeSearch, type TakeBin } from '../src/change-search.js'
import { emptyBin } from '../src/envelope-bin.js'
import { OffsetTracker } from '../src/offset-tracker.js'
import { goodWifi, type PathTraits, quietLan } from './path.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedWorld } from './simulated-world.js'

const binS = 2
const noiseUs = 20
const bins = Array.from({ length: 40 }, (_, i) => emptyBin(i * binS))
const endsAtS = bins.length * binS

/** One that has seen a clock without drift for long. */
function settled(): OffsetTracker {
  const tracker = new OffsetTracker(0.012)
  tracker.restart(0, 0, 5 ** 2)
  tracker.driftVariance = 0.1 ** 2
  return tracker
}

/** Measurements of an offset, with noise between ±√3 deviations. */
function measured(offsetUs: (atS: number) => number, seed = 1, everyS = binS): TakeBin {
  const random = new SeededRandom(seed)
  const noise = bins.map(() => random.between(-1.7 * noiseUs, 1.7 * noiseUs))
  return (tracker, index) => {
    const atS = (index + 0.5) * everyS
    const measuredUs = offsetUs(atS) + noise[index]!
    tracker.moveTo(atS)
    const likelihood = tracker.logLikelihoodOf(measuredUs, noiseUs ** 2, 0, 4)
    tracker.correct(measuredUs, noiseUs ** 2, 0)
    return likelihood
  }
}

const slewFrom = (fromS: number, ppm: number) => (atS: number) => Math.max(0, atS - fromS) * ppm

describe('ChangeSearch', () => {
  it('finds none in noise alone, in two hundred records', () => {
    for (let seed = 1; seed <= 200; seed++)
      expect(
        new ChangeSearch().find(
          settled(),
          bins,
          endsAtS,
          measured(() => 0, seed),
        ),
      ).to.equal(undefined)
  })

  it('finds a slew of 10 ppm within 20 s, though no measurement is four deviations off the one before', () => {
    const change = new ChangeSearch().find(settled(), bins, endsAtS, measured(slewFrom(60, 10)))
    expect(change!.since.atS).to.be.within(56, 66)
    expect(change!.since.driftVariance).to.be.above(250 ** 2)
  })

  it('finds a step, and keeps the rate', () => {
    const change = new ChangeSearch().find(
      settled(),
      bins,
      endsAtS,
      measured((atS) => (atS > 60 ? 120 : 0)),
    )
    expect(change!.since.atS).to.be.within(58, 62)
    expect(change!.since.offsetVariance).to.be.above(900 ** 2)
    expect(change!.since.driftVariance).to.be.below(0.5 ** 2)
  })

  it('knows the rate again to which a slew returns', () => {
    const search = new ChangeSearch()
    search.slewed(settled())
    const slewing = settled()
    slewing.driftPpm = 50
    slewing.driftVariance = 1
    const change = search.find(
      slewing,
      bins,
      endsAtS,
      measured((atS) => 50 * Math.min(atS, 60)),
    )
    expect(change!.since.atS).to.be.within(58, 62)
    expect(change!.since.driftPpm).to.equal(0)
    expect(change!.since.driftVariance).to.be.below(0.5 ** 2)
  })

  it('takes delay that began in one direction for no change, however long it makes all bins err to one side', () => {
    const random = new SeededRandom(5)
    const addedUs = bins.map((_, i) => (i < 30 ? random.between(0, 40) : random.between(4_000, 10_000)))
    const middleUs = addedUs.map((added) => -added + random.between(-noiseUs, noiseUs))
    const take: TakeBin = (tracker, index, isQueued) => {
      const added = addedUs[index]!
      const variance = noiseUs ** 2 + (isQueued ? 0.03 * added : 0.5 * added) ** 2
      tracker.moveTo((index + 0.5) * binS)
      const likelihood = tracker.logLikelihoodOf(middleUs[index]!, variance, isQueued ? added : 0, 4)
      tracker.correct(middleUs[index]!, variance, isQueued ? added : 0)
      return likelihood
    }
    expect(new ChangeSearch().find(settled(), bins, endsAtS, take)).to.equal(undefined)
    const deaf: TakeBin = (tracker, index) => take(tracker, index, false)
    expect(new ChangeSearch().find(settled(), bins, endsAtS, deaf), 'without a queue to compare with').to.not.equal(
      undefined,
    )
  })

  it('takes bins that follow each other at once for few', () => {
    const hasty = bins.map((_, i) => emptyBin(i * 0.1))
    const step = (atS: number, stepS: number) => (atS > stepS ? 100 : 0)
    const slowly = measured((atS) => step(atS, 72))
    const hastily = measured((atS) => step(atS, 3.6), 1, 0.1)
    expect(new ChangeSearch().find(settled(), bins, endsAtS, slowly)).to.not.equal(undefined)
    expect(new ChangeSearch().find(settled(), hasty, 4, hastily)).to.equal(undefined)
  })
})

/** A download of half of each minute: the queue of TCP fills by half again and again, and what it adds is added to one direction. */
function changesInTenMinutes(seed: number, path: PathTraits, direction: 'up' | 'down', peakUs: number): number {
  const world = new SimulatedWorld(seed, path)
  const random = world.random.fork(7)
  world.runUntil(60)
  const before = world.sync.steps
  for (let fromS = 60; fromS < 660; fromS += 3) {
    const isBusy = fromS % 60 < 30
    const highestUs = isBusy ? random.between(0.2, 1) * peakUs : 0
    for (let s = 0; s < 3; s += 0.1) {
      world[direction].traits = { ...path, baseUs: path.baseUs + highestUs * (0.5 + s / 6) }
      world.runUntil(fromS + s + 0.1)
    }
  }
  return world.sync.steps - before
}

describe('Nothing changes in the clocks of twenty worlds', () => {
  for (const [name, path, peakUs] of [
    ['a quiet LAN', quietLan, 3_000],
    ['good Wi-Fi', goodWifi, 60_000],
  ] as const)
    for (const direction of ['up', 'down'] as const)
      it(`though on ${name} a queue of up to ${peakUs / 1000} ms fills and drains for half of each minute on the way ${direction}`, () => {
        let changes = 0
        for (let seed = 1; seed <= 20; seed++) changes += changesInTenMinutes(seed, path, direction, peakUs)
        expect(changes).to.equal(0)
      })
})
