/**
 * In which direction a bin queued. Its width says only how much, but each of its limits is late by the queue of its own
 * direction alone. Two parallel lines, through the quickest requests and the quickest replies of all bins, show which of the
 * two it is, and the other limit is as good as ever.
 *
 * The lines are fitted by iteratively reweighted least squares (Holland and Welsch, "Robust regression using iteratively
 * reweighted least-squares", Communications in Statistics A6(9), 1977).
 */
import { type EnvelopeBin, middleS } from './envelope-bin.js'

/** Fewer bins do not show what is quick. */
const leastBins = 4
/** Whenever a bin is complete; weights that have not settled by then go on settling with the next. */
const iterations = 4
/** What this share of the bins is quicker than is quick: the very quickest may be so because a clock stepped meanwhile. */
const quickShare = 0.1

/** Noise of a limit that is late: this share of it. */
const noisePerLateness = 1

/** Unknowns that bins are fitted with: where each line is, and a slope for both. */
const unknownsPerLine = 1.5
/** How much bins spread is taken to be what their noise says for so many bins more. */
const priorBins = 2

/** What is measured at the middle of a bin. */
export interface OffsetReading {
  readonly offsetUs: number
  readonly variance: number
}

export class OneWayLines {
  /** Upper limits, which queues raise, and lower limits, which they lower. */
  readonly #requests = new OneWayLine(1)
  readonly #replies = new OneWayLine(-1)
  #driftPpm = 0
  #isKnown = false
  #varianceShare = 1

  /**
   * Variance of an estimate from all readings, as a share of what their variances say. Lateness counts as noise and most of it is known,
   * so they say too much: how far bins are off their lines tells (the sandwich estimator; Huber, "The behavior of maximum likelihood
   * estimates under nonstandard conditions", 1967). 1 while too few bins are known.
   */
  get varianceShare(): number {
    return this.#isKnown ? this.#varianceShare : 1
  }

  /** What bins have said so far has nothing to do with those to come. */
  forget(): void {
    this.#isKnown = false
  }

  /**
   * Puts the lines through these bins, all on the fastest path, whose middles have a noise of `noiseUs`. The drift expected,
   * with its standard deviation, keeps lines through a few seconds from turning.
   */
  fit(bins: readonly EnvelopeBin[], noiseUs: number, driftPpm: number, driftSigmaPpm: number): void {
    if (bins.length < leastBins) return this.forget()
    const lines = [this.#requests, this.#replies]
    if (!this.#isKnown) {
      this.#driftPpm = driftPpm
      for (const line of lines) line.begin(bins, driftPpm)
      this.#isKnown = true
    }
    for (let i = 0; i < iterations; i++) {
      let slopeWeight = 1 / driftSigmaPpm ** 2
      let slope = driftPpm * slopeWeight
      for (const line of lines) {
        line.weigh(bins, noiseUs, this.#driftPpm)
        slopeWeight += line.slopeWeight
        slope += line.weightedSlope
      }
      this.#driftPpm = slope / slopeWeight
    }
    this.#varianceShare = this.#varianceShareAmong(bins)
  }

  #varianceShareAmong(bins: readonly EnvelopeBin[]): number {
    const [requests, replies, driftPpm] = [this.#requests, this.#replies, this.#driftPpm]
    const pulls = requests.pullsOf(bins, driftPpm) + replies.pullsOf(bins, driftPpm)
    const share = pulls / (requests.weight + replies.weight) / (1 - unknownsPerLine / bins.length)
    return (priorBins + bins.length * share) / (priorBins + bins.length)
  }

  /** What a bin on the fastest path says; undefined while too few are known to tell its directions apart. */
  readingOf(bin: EnvelopeBin): OffsetReading | undefined {
    if (!this.#isKnown) return undefined
    const [requests, replies, driftPpm] = [this.#requests, this.#replies, this.#driftPpm]
    const atS = middleS(bin)
    const halfWidthUs = (requests.at(atS, driftPpm) - replies.at(atS, driftPpm)) / 2
    const byRequestsUs = bin.highestUs + driftPpm * (atS - bin.highestAtS) - halfWidthUs
    const byRepliesUs = bin.lowestUs + driftPpm * (atS - bin.lowestAtS) + halfWidthUs
    const [requestWeight, replyWeight] = [requests.weightOf(bin, driftPpm), replies.weightOf(bin, driftPpm)]
    const weight = requestWeight + replyWeight
    // Whoever relies on one direction relies on the half-width, which is known no better than the other one.
    const imbalance = (requests.weight + replies.weight) ** 2 / (4 * requests.weight * replies.weight)
    return {
      offsetUs: (requestWeight * byRequestsUs + replyWeight * byRepliesUs) / weight,
      variance: imbalance / weight,
    }
  }
}

/** The line of one direction, at a slope that both share. */
class OneWayLine {
  /** Of all bins together. */
  weight = 0
  /** What they say of the slope in ppm, times its weight. */
  weightedSlope = 0
  slopeWeight = 0
  readonly #sign: 1 | -1
  // A point of the line.
  #atS = 0
  #us = 0
  /** How late a quick bin is; less than nothing, because the line goes through the middle of them. */
  #quickUs = 0
  #noiseUs = 0

  constructor(sign: 1 | -1) {
    this.#sign = sign
  }

  at(atS: number, slopePpm: number): number {
    return this.#us + slopePpm * (atS - this.#atS)
  }

  /** A first guess: through the quickest. */
  begin(bins: readonly EnvelopeBin[], slopePpm: number): void {
    this.#us += this.#sign * Math.min(...bins.map((bin) => this.#lateUs(bin, slopePpm)))
  }

  /** Goes through the weighted mean of the bins, each weighed by how late it is by the line so far. */
  weigh(bins: readonly EnvelopeBin[], noiseUs: number, slopePpm: number): void {
    const late = bins.map((bin) => this.#lateUs(bin, slopePpm))
    this.#quickUs = [...late].sort((a, b) => a - b)[Math.floor(quickShare * late.length)]!
    this.#noiseUs = noiseUs
    const weights = late.map((lateUs) => this.#weightAt(lateUs))
    const times = bins.map((bin) => this.#limitAtS(bin))
    const limits = bins.map((bin) => this.#limitUs(bin))
    this.weight = weights.reduce((total, weight) => total + weight, 0)
    this.#atS = weights.reduce((total, weight, i) => total + weight * times[i]!, 0) / this.weight
    this.#us = weights.reduce((total, weight, i) => total + weight * limits[i]!, 0) / this.weight
    this.slopeWeight = weights.reduce((total, weight, i) => total + weight * (times[i]! - this.#atS) ** 2, 0)
    this.weightedSlope = weights.reduce(
      (total, weight, i) => total + weight * (times[i]! - this.#atS) * (limits[i]! - this.#us),
      0,
    )
  }

  /** How hard these bins pull at the line, either way: the sum of the squares. */
  pullsOf(bins: readonly EnvelopeBin[], slopePpm: number): number {
    return bins.reduce((total, bin) => {
      const lateUs = this.#lateUs(bin, slopePpm)
      return total + (this.#weightAt(lateUs) * lateUs) ** 2
    }, 0)
  }

  weightOf(bin: EnvelopeBin, slopePpm: number): number {
    return this.#weightAt(this.#lateUs(bin, slopePpm))
  }

  /** The noise of a middle comes from both directions: each has twice its variance. */
  #weightAt(lateUs: number): number {
    const excessUs = Math.max(0, lateUs - this.#quickUs)
    return 1 / (2 * (this.#noiseUs ** 2 + (noisePerLateness * excessUs) ** 2))
  }

  #lateUs(bin: EnvelopeBin, slopePpm: number): number {
    return this.#sign * (this.#limitUs(bin) - this.at(this.#limitAtS(bin), slopePpm))
  }

  #limitUs(bin: EnvelopeBin): number {
    return this.#sign > 0 ? bin.highestUs : bin.lowestUs
  }

  #limitAtS(bin: EnvelopeBin): number {
    return this.#sign > 0 ? bin.highestAtS : bin.lowestAtS
  }
}
