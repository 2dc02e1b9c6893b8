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
import { type EnvelopeBin, emptyBin, halfWidthUs, middleS, middleUs, widenBin } from './envelope-bin.js'
import { type Exchange, measureOffset } from './exchange.js'
import { HardInterval } from './hard-interval.js'
import { OffsetTracker } from './offset-tracker.js'
import type { LocalUs, ServerUs } from './reading.js'
import { SmoothLine } from './smooth-line.js'

/** Two crystals of ±100 ppm each, the widest tolerance sold for computers. */
const maxDriftPpm = 200
/** Of the rate between two such crystals, if any rate within ±100 ppm is equally likely. */
const unknownDriftSigmaPpm = 60
/** A remembered rate was true at another temperature: AT-cut crystals move by about a ppm indoors. */
const rememberedDriftSigmaPpm = 1
/** Random walk of the rate: 0.3 ppm in ten minutes, what computers do as load and weather heat them. */
const wanderPpmPerSqrtS = 0.012
/** The rate is taken to be within this many standard deviations of its estimate, and this much more. */
const driftBoundSigmas = 5
const driftBoundSlackPpm = 0.5
/** Of an offset not known at all, a second squared: any measurement overrules it. */
const unknownOffsetVariance = 1e12

/** A bin is complete with this many exchanges (fewer at first, to learn the path's noise soon) or this old. */
const exchangesPerBin = 16
const exchangesPerEarlyBin = 4
const earlyBins = 6
const secondsPerBin = 4
/** How long the fastest path is remembered. A slower path is trusted no earlier, a lasting asymmetry shows no earlier. */
const maxBins = 64
const horizonS = 200
/** Bins that are kept even if older, after probing paused. */
const minBins = 4

/** Noise of a bin as wide as the narrowest: this share of how much the middling bin is wider, and what time stamps cost. */
const noisePerMedianExcess = 0.4
const timestampNoiseUs = 1.5
/** Until there are bins to compare: this share of the half-width. A path is seldom more lopsided than that. */
const noisePerHalfWidth = 0.25
const binsToJudgeNoise = 3
/** Noise of a bin that is wider: this share of the excess, two thirds, as if all errors up to it were about equally likely. */
const noisePerExcess = 0.7

/** So many bins in a row, narrow and further off than this many standard deviations, and a clock has stepped or changed pace. */
const surprisesOfAStep = 3
const surpriseSigmas = 6
/** After a second step within this time it is the rate that must have changed: say, the other clock is being slewed. */
const steadyS = 30

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
  readonly #bins: EnvelopeBin[] = []
  #openBin: EnvelopeBin | undefined
  #narrowestUs = 0
  #noiseUs = 0
  #surprises = 0
  #rebasedS = Number.NEGATIVE_INFINITY

  /** What bins no longer kept have said. */
  readonly #past = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#past` and all complete bins. */
  readonly #complete = new OffsetTracker(wanderPpmPerSqrtS)
  /** `#complete` and the open bin, now. */
  readonly #now = new OffsetTracker(wanderPpmPerSqrtS)
  readonly #line = new SmoothLine()
  readonly #sorted = new Float64Array(maxBins)

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
      this.#rebase(endedAtS)
    }
    const durationS = endedAtS - beganAtS
    const { driftPpm } = this.#now
    const verdict = this.#hard.narrow(endedAtS, durationS, lowestUs, highestUs, driftPpm, this.#driftBoundPpm)
    if (verdict === 'contradicts') {
      this.#ignored++
      return
    }
    if (verdict === 'stepped') this.#step(endedAtS)

    this.#openBin ??= emptyBin(beganAtS)
    widenBin(this.#openBin, driftPpm, beganAtS, highestUs, endedAtS, lowestUs)
    if (this.#isComplete(this.#openBin, endedAtS)) this.#completeBin(this.#openBin, endedAtS)
    else this.#lookAhead(this.#openBin, endedAtS)
    this.#publish(endedAtS)
  }

  /** How far the rate may be from its estimate; see `driftBoundSigmas`. */
  get #driftBoundPpm(): number {
    const { driftPpm, driftVariance } = this.#now
    return Math.min(
      maxDriftPpm + Math.abs(driftPpm),
      driftBoundSigmas * Math.sqrt(driftVariance) + driftBoundSlackPpm,
    )
  }

  /** Finds the offset anew; the drift is kept. */
  #rebase(atS: number): void {
    this.#bins.length = 0
    this.#openBin = undefined
    this.#surprises = 0
    this.#rebasedS = atS
    this.#now.atS = atS
    this.#now.offsetVariance = unknownOffsetVariance
    this.#now.covariance = 0
    this.#past.copy(this.#now)
    this.#complete.copy(this.#now)
    this.#line.restart(atS)
  }

  #step(atS: number): void {
    this.#steps++
    if (atS - this.#rebasedS < steadyS) this.#now.driftVariance = unknownDriftSigmaPpm ** 2
    this.#rebase(atS)
  }

  #isComplete(bin: EnvelopeBin, atS: number): boolean {
    const enough = this.#bins.length < earlyBins ? exchangesPerEarlyBin : exchangesPerBin
    return bin.exchanges >= enough || atS - bin.beganAtS >= secondsPerBin
  }

  #completeBin(bin: EnvelopeBin, atS: number): void {
    this.#openBin = undefined
    this.#countSurprise(bin)
    if (this.#surprises >= surprisesOfAStep) {
      this.#step(atS)
      this.#now.driftVariance = unknownDriftSigmaPpm ** 2
      this.#past.copy(this.#now)
    }
    this.#bins.push(bin)
    while (this.#bins.length > maxBins || (this.#bins.length > minBins && atS - this.#bins[0]!.beganAtS > horizonS))
      this.#weigh(this.#bins.shift()!, this.#past)
    this.#judgeNoise()
    this.#complete.copy(this.#past)
    for (const kept of this.#bins) this.#weigh(kept, this.#complete)
    this.#now.copy(this.#complete)
    this.#now.moveTo(atS)
  }

  /** What the model is if the open bin stays as it is. */
  #lookAhead(bin: EnvelopeBin, atS: number): void {
    if (this.#bins.length === 0) {
      this.#narrowestUs = halfWidthUs(bin, this.#now.driftPpm)
      this.#noiseUs = noisePerHalfWidth * this.#narrowestUs + timestampNoiseUs
    }
    this.#now.copy(this.#complete)
    this.#weigh(bin, this.#now)
    this.#now.moveTo(atS)
  }

  #weigh(bin: EnvelopeBin, tracker: OffsetTracker): void {
    tracker.moveTo(middleS(bin))
    tracker.correct(middleUs(bin), this.#varianceOf(bin))
  }

  #varianceOf(bin: EnvelopeBin): number {
    const excessUs = Math.max(0, halfWidthUs(bin, this.#now.driftPpm) - this.#narrowestUs)
    return this.#noiseUs ** 2 + (noisePerExcess * excessUs) ** 2
  }

  #judgeNoise(): void {
    const count = this.#bins.length
    const widths = this.#sorted.subarray(0, count)
    for (let i = 0; i < count; i++) widths[i] = halfWidthUs(this.#bins[i]!, this.#now.driftPpm)
    widths.sort()
    this.#narrowestUs = widths[0]!
    this.#noiseUs =
      timestampNoiseUs +
      (count < binsToJudgeNoise
        ? noisePerHalfWidth * this.#narrowestUs
        : noisePerMedianExcess * (widths[count >> 1]! - this.#narrowestUs))
  }

  /** Counts narrow bins that the prediction cannot explain. Wide ones explain themselves. */
  #countSurprise(bin: EnvelopeBin): void {
    if (this.#bins.length < earlyBins) return
    this.#now.copy(this.#complete)
    this.#now.moveTo(middleS(bin))
    const variance = this.#varianceOf(bin)
    const innovationUs = middleUs(bin) - this.#now.offsetUs
    const isNarrow = variance < 4 * this.#noiseUs ** 2
    const isFarOff = innovationUs ** 2 > surpriseSigmas ** 2 * (this.#now.offsetVariance + variance)
    if (isNarrow) this.#surprises = isFarOff ? this.#surprises + 1 : 0
  }

  #publish(atS: number): void {
    const { lowestUs, highestUs } = this.#hard
    this.#now.offsetUs = Math.min(highestUs, Math.max(lowestUs, this.#now.offsetUs))
    this.#line.follow(atS, this.#now.offsetUs, this.#now.driftPpm)
    const { offsetUs } = this.#line
    const localAt = this.#localOrigin + atS * 1e6
    this.#model = {
      localAt: localAt as LocalUs,
      serverAt: (localAt + this.#offsetOriginUs + offsetUs) as ServerUs,
      driftPpm: this.#now.driftPpm,
      errorBoundUs: Math.max(highestUs - offsetUs, offsetUs - lowestUs),
      errorGrowthPpm: this.#driftBoundPpm,
    }
  }
}
