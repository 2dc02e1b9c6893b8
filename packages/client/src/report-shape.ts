/**
 * What some reports in a row say together: how they scatter, and which of their earliest, their middle and their mean says most.
 *
 * A driver that counts in bursts (a DMA fragment, a USB packet) says too much is queued by whatever has left since the
 * burst, which is as long as our thread took to wake up: such a report is late, never early, and the earliest is the
 * freshest. A sound server that guesses is off either way, and the earliest of its guesses is just the worst one. The
 * two are told apart by where the mean lies between the extremes: in the middle, or close to the early end. That
 * fraction is bounded, so no single bin decides.
 *
 * A position that moves in bursts and is asked for at any moment is off by as much one way as the other, evenly and by no
 * more. Then the middle between the extremes is known far better than the mean, which shows: it scatters less from bin to
 * bin. Of noise with tails it scatters more. Derivation: docs/sync-theory.md.
 */

/** Reports of which the earliest counts: few, so that a change of rate shows within half a second at 50 ms a period. */
const groupReports = 8
/** Reports whose extremes and mean are compared; of fewer, the extremes of lopsided noise are too alike. */
export const binReports = 32
/** Weight of one bin in what is remembered of the shape, and bins before it is judged. */
const binGain = 1 / 16
const binsToJudge = 6
/** Weight of one group in what is remembered of the groups. */
const groupGain = 1 / 32
/** Noise only adds where the mean lies this much off the middle of the extremes; exponential noise has 0.45, even 0. */
const onlyLateAbove = 0.2
const onlyLateBelow = 0.05
/** The middle is followed where it scatters by less than so much of the variance of the mean; even noise has 0.18, normal 3.8. */
const middleBelow = 0.4
const middleAbove = 0.8
/** A middle further from the mean than so many deviations of both is due to one report that was no part of it. */
const middleSigmas = 4

/** What of several reports says most: each alike, the earliest of a group, or the middle of a bin. */
export type Telling = 'each' | 'earliest' | 'middle'

export class ReportShape {
  #count = 0
  #sumUs = 0
  #minUs = 0
  #maxUs = 0
  #groupMinUs = 0
  #previousUs: number | undefined
  #groups = 0
  #earliestUs = 0
  #earliestVariance = 0
  #meanUs = 0
  #bins = 0
  #lopsidedness = 0
  #previousMeanUs: number | undefined
  #previousMiddleUs = 0
  #binUs = 0
  #binVariance = 0
  #meanVariance = 0
  #middleVariance = 0
  #telling: Telling = 'each'

  /** Takes in how late a report was against the line. Returns whether it completes a group. */
  add(lateUs: number): boolean {
    if (this.#count === 0) {
      this.#sumUs = 0
      this.#minUs = Number.POSITIVE_INFINITY
      this.#maxUs = Number.NEGATIVE_INFINITY
    }
    if (this.#count % groupReports === 0) this.#groupMinUs = Number.POSITIVE_INFINITY
    this.#count++
    this.#sumUs += lateUs
    this.#maxUs = Math.max(this.#maxUs, lateUs)
    this.#groupMinUs = Math.min(this.#groupMinUs, lateUs)
    if (this.#count % groupReports !== 0) return false
    this.#minUs = Math.min(this.#minUs, this.#groupMinUs)
    this.#closeGroup()
    if (this.#count === binReports) this.#closeBin()
    return true
  }

  /** The line has moved by `us`: everything lies so much earlier now. */
  move(us: number): void {
    this.#sumUs -= us * this.#count
    this.#minUs -= us
    this.#maxUs -= us
    this.#groupMinUs -= us
    this.#earliestUs -= us
    this.#meanUs -= us
    if (this.#previousUs !== undefined) this.#previousUs -= us
    if (this.#previousMeanUs !== undefined) this.#previousMeanUs -= us
    this.#previousMiddleUs -= us
  }

  /** Forgets where the reports lay, not how they scatter. */
  restart(): void {
    this.#count = 0
    this.#previousUs = undefined
    this.#previousMeanUs = undefined
  }

  get telling(): Telling {
    return this.#telling
  }

  /** Whether the report added last completed a bin. */
  get isBinComplete(): boolean {
    return this.#count === 0
  }

  /** Where the reports of the bin completed last lie, against the line, µs. */
  get binUs(): number {
    return this.#binUs
  }

  /** How that scatters, µs². */
  get binVariance(): number {
    return this.#binVariance
  }

  /** The earliest report of the group completed last, against the line, µs. */
  get groupEarliestUs(): number {
    return this.#groupMinUs
  }

  /** How the earliest of a group scatter, µs². */
  get earliestVariance(): number {
    return this.#earliestVariance
  }

  /** Where the earliest of a group lie on average, and where all reports do, against the line, µs. */
  get earliestUs(): number {
    return this.#earliestUs
  }

  get meanUs(): number {
    return this.#meanUs
  }

  #closeGroup(): void {
    const gain = Math.max(groupGain, 1 / ++this.#groups)
    this.#earliestUs += gain * (this.#groupMinUs - this.#earliestUs)
    if (this.#previousUs !== undefined) {
      const variance = (this.#groupMinUs - this.#previousUs) ** 2 / 2
      this.#earliestVariance += gain * (variance - this.#earliestVariance)
    }
    this.#previousUs = this.#groupMinUs
  }

  #closeBin(): void {
    const gain = Math.max(binGain, 1 / ++this.#bins)
    const meanUs = this.#sumUs / this.#count
    const centreUs = (this.#maxUs + this.#minUs) / 2
    const isTorn =
      this.#bins > binsToJudge &&
      (centreUs - meanUs) ** 2 > middleSigmas ** 2 * (this.#middleVariance + this.#meanVariance)
    const middleUs = isTorn ? meanUs : centreUs
    this.#meanUs += gain * (meanUs - this.#meanUs)
    if (this.#previousMeanUs !== undefined) {
      this.#meanVariance += gain * ((meanUs - this.#previousMeanUs) ** 2 / 2 - this.#meanVariance)
      this.#middleVariance += gain * ((middleUs - this.#previousMiddleUs) ** 2 / 2 - this.#middleVariance)
    }
    this.#previousMeanUs = meanUs
    this.#previousMiddleUs = middleUs
    this.#binUs = middleUs
    this.#binVariance = isTorn ? this.#meanVariance : this.#middleVariance
    const spanUs = this.#maxUs - this.#minUs
    const lopsidedness = spanUs > 0 ? (this.#maxUs + this.#minUs - 2 * meanUs) / spanUs : 0
    this.#lopsidedness += gain * (lopsidedness - this.#lopsidedness)
    this.#count = 0
    if (this.#bins < binsToJudge) return
    const isOnlyLate = this.#lopsidedness > (this.#telling === 'earliest' ? onlyLateBelow : onlyLateAbove)
    const isBounded =
      this.#middleVariance < this.#meanVariance * (this.#telling === 'middle' ? middleAbove : middleBelow)
    this.#telling = isOnlyLate ? 'earliest' : isBounded ? 'middle' : 'each'
  }
}
