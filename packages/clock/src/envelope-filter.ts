/**
 * The clock filter used by default.
 *
 * Each exchange bounds the offset from both sides (`HardInterval`); queueing only ever loosens a bound. So the exchanges
 * of a moment are reduced to their tightest bound in each direction (`EnvelopeBin`), whose middle is a measurement of
 * the offset. By how much the bin is wider than the narrowest bin of the last minutes says how much queueing is left in
 * it, and that is its noise. A Kalman filter (`OffsetTracker`) weighs the bins; it runs anew over all of them whenever a
 * bin is complete, because what was noise is only known once the path has shown how fast it can be.
 */
import type { ClockFilter, RememberedDrift } from './clock-filter.js'
import type { ClockModel } from './clock-model.js'
import { type EnvelopeBin, emptyBin, middleS, middleUs, widenBin } from './envelope-bin.js'
import { type Exchange, measureOffset } from './exchange.js'
import { HardInterval } from './hard-interval.js'
import { OffsetTracker } from './offset-tracker.js'
import { PathNoise } from './path-noise.js'
import type { LocalUs, ServerUs } from './reading.js'
import { SmoothLine } from './smooth-line.js'

/** Of the rate between two crystals, if any within ±100 ppm is equally likely. */
const unknownDriftSigmaPpm = 60
/** A remembered rate was true at another temperature: AT-cut crystals move by about a ppm indoors. */
const rememberedDriftSigmaPpm = 1
/** Random walk of the rate: 0.3 ppm in ten minutes, what computers do as load and weather heat them. */
const wanderPpmPerSqrtS = 0.012
/** Of an offset not known at all, a second squared: any measurement overrules it. */
const unknownOffsetVariance = 1e12

/** A bin is complete with this many exchanges (fewer at first, to learn the path's noise soon) or this old. */
const exchangesPerBin = 32
const exchangesPerEarlyBin = 4
const earlyBins = 6
const secondsPerBin = 4
/** Bins are weighed anew while they are among so many and this young. */
const maxBins = 64
const horizonS = 200
/** Bins that are kept even if older, after probing paused. */
const minBins = 4

/** Where the delay that a slower path adds sits is unknown. Standard deviation of its bias, as a share of the added half-width. */
const biasPerAddedDelay = 0.5
/** A slower path is another one, with another bias, when its level moved by this share of the added half-width. */
const changePerAddedDelay = 0.5

/** So many bins further off than this many standard deviations, and a clock has stepped or changed pace. */
const surprisesOfAStep = 3
const surpriseSigmas = 6
/** After a second step within this time it is the rate that must have changed: say, the other clock is being slewed. */
const steadyS = 300

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
  readonly #bins: EnvelopeBin[] = []
  #openBin: EnvelopeBin | undefined
  #surprises = 0
  #rebasedS = Number.NEGATIVE_INFINITY

  /** What bins no longer kept have said. */
  readonly #past = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#past` and all complete bins. */
  readonly #complete = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#complete` and the open bin, now. */
  readonly #now = new OffsetTracker(wanderPpmPerSqrtS)
  readonly #line = new SmoothLine()

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
    if (!this.#model) return undefined
    const lagUs = this.#line.offsetUs - this.#now.offsetUs
    return Math.sqrt(this.#now.offsetVariance + lagUs ** 2)
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
    if (verdict === 'stepped') this.#step(endedAtS, (this.#hard.lowestUs + this.#hard.highestUs) / 2)

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
    this.#surprises = 0
    this.#path.forget()
    this.#rebasedS = atS
    this.#now.restart(atS, offsetUs, unknownOffsetVariance)
    this.#past.copy(this.#now)
    this.#complete.copy(this.#now)
    this.#line.restart(atS)
  }

  #step(atS: number, offsetUs: number): void {
    this.#steps++
    if (atS - this.#rebasedS < steadyS) this.#forgetDrift()
    this.#rebase(atS, offsetUs)
  }

  #forgetDrift(): void {
    this.#now.driftVariance = unknownDriftSigmaPpm ** 2
    this.#hard.drift.open()
  }

  #isComplete(bin: EnvelopeBin, atS: number): boolean {
    const enough = this.#bins.length < earlyBins ? exchangesPerEarlyBin : exchangesPerBin
    return bin.exchanges >= enough || atS - bin.beganAtS >= secondsPerBin
  }

  #completeBin(bin: EnvelopeBin, atS: number): void {
    this.#openBin = undefined
    this.#countSurprise(bin)
    if (this.#surprises >= surprisesOfAStep) {
      this.#forgetDrift()
      this.#step(atS, middleUs(bin))
    }
    this.#bins.push(bin)
    const fallUs = this.#path.judge(this.#bins, this.#now.driftPpm, atS)
    this.#past.offsetVariance += (biasPerAddedDelay * fallUs) ** 2 // what it said was of a path that may be biased
    while (this.#bins.length > maxBins || (this.#bins.length > minBins && atS - this.#bins[0]!.beganAtS > horizonS))
      this.#weigh(this.#bins.shift()!, this.#past)
    this.#complete.copy(this.#past)
    for (const kept of this.#bins) this.#weigh(kept, this.#complete)
    this.#now.copy(this.#complete)
    this.#now.moveTo(atS)
  }

  /** What the model is if the open bin stays as it is. */
  #lookAhead(bin: EnvelopeBin, atS: number): void {
    this.#path.place(bin, this.#bins, this.#now.driftPpm)
    this.#now.copy(this.#complete)
    this.#weigh(bin, this.#now)
    this.#now.moveTo(atS)
  }

  #weigh(bin: EnvelopeBin, tracker: OffsetTracker): void {
    tracker.moveTo(middleS(bin))
    const slowerUs = this.#path.slowerUs(bin)
    const isSlower = slowerUs > 0
    if (isSlower && Math.abs(bin.levelUs - tracker.pathHalfWidthUs) > changePerAddedDelay * slowerUs)
      tracker.takePath(bin.levelUs, (biasPerAddedDelay * slowerUs) ** 2)
    const levelUs = isSlower ? tracker.pathHalfWidthUs : this.#path.narrowestUs
    tracker.correct(middleUs(bin), this.#path.varianceOf(bin, levelUs, this.#now.driftPpm), isSlower)
  }

  /** Counts bins further from the prediction than their width explains. Only a narrow one can clear the suspicion. */
  #countSurprise(bin: EnvelopeBin): void {
    if (this.#bins.length < earlyBins) return
    this.#now.copy(this.#complete)
    this.#now.moveTo(middleS(bin))
    const variance = this.#path.varianceOf(bin, this.#path.narrowestUs, this.#now.driftPpm)
    const innovationUs = middleUs(bin) - this.#now.offsetUs
    if (innovationUs ** 2 > surpriseSigmas ** 2 * (this.#now.offsetVariance + variance)) this.#surprises++
    else if (variance < 4 * this.#path.noiseUs ** 2) this.#surprises = 0
  }

  #publish(atS: number): void {
    const { lowestUs, highestUs, drift } = this.#hard
    this.#now.offsetUs = within(lowestUs, this.#now.offsetUs, highestUs)
    const driftPpm = within(drift.lowestPpm, this.#now.driftPpm, drift.highestPpm)
    this.#line.follow(atS, this.#now.offsetUs, driftPpm)
    const { offsetUs } = this.#line
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
