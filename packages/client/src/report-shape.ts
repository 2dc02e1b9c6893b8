/**
 * What some reports in a row say together: how the earliest of them lies, and whether their noise only ever adds.
 *
 * A driver that counts in bursts (a DMA fragment, a USB packet) says too much is queued by whatever has left since the
 * burst, which is as long as our thread took to wake up: such a report is late, never early, and the earliest is the
 * freshest. A sound server that guesses is off either way, and the earliest of its guesses is just the worst one. The
 * two are told apart by where the mean lies between the extremes: in the middle, or close to the early end. That
 * fraction is bounded, so no single bin decides. Derivation: docs/sync-theory.md.
 */

/** Reports of which the earliest counts: few, so that a change of rate shows within half a second at 50 ms a period. */
const groupReports = 8
/** Reports whose extremes and mean are compared; of fewer, the extremes of lopsided noise are too alike. */
const binReports = 32
/** Weight of one bin in what is remembered of the shape, and bins before it is judged. */
const binGain = 1 / 16
const binsToJudge = 6
/** Weight of one group in what is remembered of the groups. */
const groupGain = 1 / 32
/** Noise only adds where the mean lies this much off the middle of the extremes; exponential noise has 0.45, even 0. */
const onlyLateAbove = 0.2
const onlyLateBelow = 0.05

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
  #onlyLate = false

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
  }

  /** Forgets where the reports lay, not how they scatter. */
  restart(): void {
    this.#count = 0
    this.#previousUs = undefined
  }

  /** Whether reports are late or right, but never early. */
  get onlyLate(): boolean {
    return this.#onlyLate
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
    this.#meanUs += gain * (meanUs - this.#meanUs)
    const spanUs = this.#maxUs - this.#minUs
    const lopsidedness = spanUs > 0 ? (this.#maxUs + this.#minUs - 2 * meanUs) / spanUs : 0
    this.#lopsidedness += gain * (lopsidedness - this.#lopsidedness)
    this.#count = 0
    if (this.#bins < binsToJudge) return
    this.#onlyLate = this.#lopsidedness > (this.#onlyLate ? onlyLateBelow : onlyLateAbove)
  }
}
