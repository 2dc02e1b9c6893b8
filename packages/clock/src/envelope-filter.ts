/**
 * The clock filter used by default.
 *
 * Each exchange bounds the offset from both sides (`HardInterval`); queueing only ever loosens a bound. So the exchanges
 * of a moment are reduced to their tightest bound in each direction (`EnvelopeBin`), whose middle is a measurement of
 * the offset. By how much the bin is wider than the narrowest bin of the last minutes says how much queueing is left in
 * it, and that is its noise. A Kalman filter (`OffsetTracker`) weighs the bins; it runs anew over all of them whenever a
 * bin is complete, because what was noise is only known once the path has shown how fast it can be.
 */
import { ChangeSearch, slewedDriftSigmaPpm } from './change-search.js'
import type { ClockFilter, RememberedDrift } from './clock-filter.js'
import type { ClockModel } from './clock-model.js'
import { type EnvelopeBin, emptyBin, middleS, middleUs, widenBin } from './envelope-bin.js'
import { type Exchange, measureOffset } from './exchange.js'
import { HardInterval } from './hard-interval.js'
import { OffsetTracker } from './offset-tracker.js'
import { OneWayLines } from './one-way-lines.js'
import { PathNoise, shareSigma } from './path-noise.js'
import type { LocalUs, ServerUs } from './reading.js'

/** Of the rate between two crystals, if any within ±100 ppm is equally likely. */
const unknownDriftSigmaPpm = 60
/** A remembered rate was true at another temperature: AT-cut crystals move by about a ppm indoors. */
const rememberedDriftSigmaPpm = 1
/** Random walk of the rate: 0.3 ppm in ten minutes, what computers do as load and weather heat them. */
const wanderPpmPerSqrtS = 0.012
/** Of an offset not known at all, a second squared: any measurement overrules it. */
const unknownOffsetVariance = 1e12

/** A bin is complete with this many exchanges (fewer at first, to learn the path's noise soon) or this old. */
const exchangesPerBin = 24
const exchangesPerEarlyBin = 4
const earlyBins = 6
const secondsPerBin = 4
/** Bins are weighed anew while they are among so many and this young. */
const maxBins = 64
const horizonS = 200
/** Bins that are kept even if older, after probing paused. */
const minBins = 4
/**
 * It is another path when its level moved by so much of the added half-width and what was known does not explain it, so
 * many standard deviations off. Without the former a clock may be slewed, without the latter a queue fills and drains.
 */
const changePerAddedDelay = 0.5
const sigmasOfAPath = 3

/** Where it is asked whether a clock changed, a bin further off than this many standard deviations says no more than one so far. */
const mostSigmas = 4

export class EnvelopeFilter implements ClockFilter {
  #model: ClockModel | undefined
  #ignored = 0
  #steps = 0

  // Inside, local time is in seconds since the first reply, and offsets are relative to the first exchange's.
  #localOrigin = 0
  #offsetOriginUs = 0
  #bindsFrom = Number.NEGATIVE_INFINITY
  #lastRequestSentAt = Number.NEGATIVE_INFINITY
  #lastReplyReceivedAt = Number.NEGATIVE_INFINITY

  readonly #hard = new HardInterval()
  readonly #path = new PathNoise()
  readonly #lines = new OneWayLines()
  readonly #changes = new ChangeSearch()
  readonly #bins: EnvelopeBin[] = []
  #openBin: EnvelopeBin | undefined
  #rebasedS = Number.NEGATIVE_INFINITY

  /** What bins no longer kept have said. */
  readonly #past = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#past` and all complete bins. */
  readonly #complete = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#complete` and the open bin, now. */
  readonly #now = new OffsetTracker(wanderPpmPerSqrtS)

  /** `remembered` is the drift found in an earlier session with the same server. */
  constructor(remembered?: RememberedDrift) {
    this.#now.driftPpm = remembered?.driftPpm ?? 0
    this.#now.driftVariance = remembered
      ? remembered.sigmaPpm ** 2 + rememberedDriftSigmaPpm ** 2
      : unknownDriftSigmaPpm ** 2
  }

  get model(): ClockModel | undefined {
    return this.#model
  }

  get uncertaintyUs(): number | undefined {
    return this.#deviationUs(1)
  }

  get likelyErrorUs(): number | undefined {
    return this.#deviationUs(this.#lines.varianceShare)
  }

  #deviationUs(varianceShare: number): number | undefined {
    return this.#model && Math.sqrt(varianceShare * this.#now.offsetVariance)
  }

  get drift(): RememberedDrift | undefined {
    const sigmaPpm = Math.sqrt(this.#now.driftVariance)
    return sigmaPpm < unknownDriftSigmaPpm / 2 ? { driftPpm: this.#now.driftPpm, sigmaPpm } : undefined
  }

  get ignored(): number {
    return this.#ignored
  }

  get steps(): number {
    return this.#steps
  }

  get doubtUs(): number {
    return this.#hard.beyondUs
  }

  disturb(at: LocalUs): void {
    this.#bindsFrom = at
    this.#model = undefined
  }

  add(exchange: Exchange): void {
    if (!this.#isPossible(exchange)) {
      this.#ignored++
      return
    }
    this.#lastRequestSentAt = exchange.requestSentAt
    this.#lastReplyReceivedAt = exchange.replyReceivedAt
    const { highestUs, lowestUs, offsetUs } = measureOffset(exchange)
    if (this.#rebasedS === Number.NEGATIVE_INFINITY) {
      this.#localOrigin = exchange.replyReceivedAt
      this.#offsetOriginUs = offsetUs
    }
    const beganAtS = (exchange.requestSentAt - this.#localOrigin) / 1e6
    const endedAtS = (exchange.replyReceivedAt - this.#localOrigin) / 1e6
    this.#take(beganAtS, highestUs - this.#offsetOriginUs, endedAtS, lowestUs - this.#offsetOriginUs)
  }

  #isPossible(exchange: Exchange): boolean {
    const { highestUs, lowestUs, roundTripUs } = measureOffset(exchange)
    return (
      Number.isFinite(highestUs) &&
      Number.isFinite(lowestUs) &&
      roundTripUs >= 0 &&
      exchange.replySentAt >= exchange.requestReceivedAt &&
      exchange.requestSentAt >= this.#bindsFrom &&
      exchange.requestSentAt > this.#lastRequestSentAt &&
      exchange.replyReceivedAt >= this.#lastReplyReceivedAt
    )
  }

  #take(beganAtS: number, highestUs: number, endedAtS: number, lowestUs: number): void {
    if (!this.#model) {
      this.#hard.open()
      this.#rebase(endedAtS, (highestUs + lowestUs) / 2)
    }
    const verdict = this.#hard.narrow(endedAtS, endedAtS - beganAtS, lowestUs, highestUs)
    if (verdict === 'contradicts') {
      this.#ignored++
      return
    }
    if (verdict !== 'consistent') this.#findAnew(endedAtS, verdict === 'bent')

    this.#openBin ??= emptyBin(beganAtS)
    widenBin(this.#openBin, this.#now.driftPpm, beganAtS, highestUs, endedAtS, lowestUs)
    if (this.#isComplete(this.#openBin, endedAtS)) this.#completeBin(this.#openBin, endedAtS)
    else this.#lookAhead(this.#openBin, endedAtS)
    this.#publish(endedAtS)
  }

  /** Finds the offset anew, starting from a guess; the drift is kept. */
  #rebase(atS: number, offsetUs: number): void {
    this.#bins.length = 0
    this.#openBin = undefined
    this.#path.forget()
    this.#lines.forget()
    this.#rebasedS = atS
    this.#now.restart(atS, offsetUs, unknownOffsetVariance)
    this.#past.copy(this.#now)
    this.#complete.copy(this.#now)
  }

  /** Exchanges have contradicted what was known: starts from what they allow. */
  #findAnew(atS: number, isBent: boolean): void {
    this.#steps++
    const { lowestUs, highestUs } = this.#hard
    if (isBent) this.#changes.slewed(this.#now)
    this.#rebase(atS, (lowestUs + highestUs) / 2)
    this.#now.driftVariance += (isBent ? slewedDriftSigmaPpm : rememberedDriftSigmaPpm) ** 2
    this.#past.copy(this.#now)
    this.#complete.copy(this.#now)
  }

  #isComplete(bin: EnvelopeBin, atS: number): boolean {
    const enough = this.#bins.length < earlyBins ? exchangesPerEarlyBin : exchangesPerBin
    return bin.exchanges >= enough || atS - bin.beganAtS >= secondsPerBin
  }

  #completeBin(bin: EnvelopeBin, atS: number): void {
    this.#openBin = undefined
    this.#path.place(bin, this.#bins, this.#now.driftPpm)
    this.#bins.push(bin)
    const fallUs = this.#path.judge(this.#bins, this.#now.driftPpm, atS)
    this.#past.offsetVariance += (shareSigma * fallUs) ** 2 // what it said was of a path that added delay
    this.#bendWhereChanged(atS)
    this.#fitLines()
    while (this.#bins.length > maxBins || (this.#bins.length > minBins && atS - this.#bins[0]!.beganAtS > horizonS))
      this.#weigh(this.#bins.shift()!, this.#past, this.#lines)
    this.#complete.copy(this.#past)
    for (const kept of this.#bins) this.#weigh(kept, this.#complete, this.#lines)
    this.#now.copy(this.#complete)
    this.#now.moveTo(atS)
  }

  #fitLines(): void {
    if (!this.#path.isRough) return this.#lines.forget()
    const bins = this.#bins.filter((bin) => this.#path.slowerUs(bin) === 0)
    this.#lines.fit(bins, this.#path.noiseUs, this.#now.driftPpm, unknownDriftSigmaPpm)
  }

  /** What the model is if the open bin stays as it is. */
  #lookAhead(bin: EnvelopeBin, atS: number): void {
    this.#path.place(bin, this.#bins, this.#now.driftPpm)
    this.#now.copy(this.#complete)
    this.#weigh(bin, this.#now, this.#lines)
    this.#now.moveTo(atS)
  }

  /** `lines`: what tells in which direction a bin on the fastest path queued. */
  #weigh(bin: EnvelopeBin, tracker: OffsetTracker, lines?: OneWayLines): void {
    tracker.moveTo(middleS(bin))
    const { driftPpm } = this.#now
    const measuredUs = middleUs(bin)
    const slowerUs = this.#path.slowerUs(bin)
    const variance = this.#path.varianceOf(bin, driftPpm)
    if (slowerUs === 0) {
      const reading = lines?.readingOf(bin) ?? { offsetUs: measuredUs, variance }
      tracker.correct(reading.offsetUs, reading.variance, 0)
      tracker.takePath(0, shareSigma ** 2)
      return
    }
    const addedUs = this.#path.addedUs(bin, driftPpm)
    if (Math.abs(bin.levelUs - tracker.pathHalfWidthUs) > changePerAddedDelay * slowerUs) {
      if (tracker.surpriseOf(measuredUs, variance, addedUs) > sigmasOfAPath ** 2)
        tracker.takePath(bin.levelUs, shareSigma ** 2)
      tracker.pathHalfWidthUs = bin.levelUs
    }
    tracker.correct(measuredUs, variance, addedUs)
  }

  /**
   * If the offset, the rate or the path changed at some bin, those before it count for what was known then, and no more: they
   * were collected along a rate that no longer holds.
   */
  #bendWhereChanged(atS: number): void {
    if (this.#bins.length <= earlyBins) return
    const change = this.#changes.find(this.#past, this.#bins, atS, (tracker, index, isQueued) =>
      isQueued ? this.#likelihoodQueued(tracker, index) : this.#likelihood(tracker, index),
    )
    if (!change) return
    this.#steps++
    this.#bins.splice(0, change.firstBin)
    this.#past.copy(change.since)
    this.#lines.forget()
    this.#hard.doubtRates(atS - change.since.atS)
  }

  /** Weighs a bin by its middle, because lines would take a change for queues, and says how likely it was before. */
  #likelihood(tracker: OffsetTracker, index: number): number {
    const bin = this.#bins[index]!
    const { driftPpm } = this.#now
    const addedUs = this.#path.slowerUs(bin) > 0 ? this.#path.addedUs(bin, driftPpm) : 0
    const doubt = this.#path.doubtAt(this.#bins, index, driftPpm)
    tracker.moveTo(middleS(bin))
    const likelihood = tracker.logLikelihoodOf(middleUs(bin), doubt, addedUs, mostSigmas)
    this.#weigh(bin, tracker)
    return likelihood
  }

  /** The same if one cause has added all delay that the bin has beyond the fastest path's. */
  #likelihoodQueued(tracker: OffsetTracker, index: number): number {
    const bin = this.#bins[index]!
    const addedUs = this.#path.addedUs(bin, this.#now.driftPpm)
    const variance = this.#path.varianceAbove(addedUs)
    tracker.moveTo(middleS(bin))
    const likelihood = tracker.logLikelihoodOf(middleUs(bin), variance, addedUs, mostSigmas)
    tracker.correct(middleUs(bin), variance, addedUs)
    return likelihood
  }

  #publish(atS: number): void {
    const { lowestUs, highestUs, drift } = this.#hard
    const offsetUs = within(lowestUs, this.#now.offsetUs, highestUs)
    const driftPpm = within(drift.lowestPpm, this.#now.driftPpm, drift.highestPpm)
    const localAt = this.#localOrigin + atS * 1e6
    this.#model = {
      localAt: localAt as LocalUs,
      serverAt: (localAt + this.#offsetOriginUs + offsetUs) as ServerUs,
      driftPpm,
      errorBoundUs: Math.max(highestUs - offsetUs, offsetUs - lowestUs),
      errorGrowthPpm: Math.max(drift.highestPpm - driftPpm, driftPpm - drift.lowestPpm),
    }
  }
}

function within(lowest: number, value: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value))
}
