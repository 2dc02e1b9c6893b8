/**
 * The interval the offset cannot leave. A request cannot arrive before it was sent, nor a reply: at `requestSentAt` the
 * server's clock read no more than `requestReceivedAt`, at `replyReceivedAt` no less than `replySentAt` (Marzullo and
 * Owicki 1983; RFC 5905 section 11.2.1 intersects such intervals the same way). Exchanges are intersected over time,
 * and each side recedes as fast as the rate between the clocks is unknown.
 *
 * Nothing else is assumed about the network, so a constant asymmetry of the path is inside as well.
 */

/** Exchanges in a row that must contradict the interval, and agree with each other, before the clocks are said to have stepped. */
const contradictionsOfAStep = 3

export type IntervalVerdict = 'consistent' | 'contradicts' | 'stepped'

export class HardInterval {
  lowestUs = Number.NEGATIVE_INFINITY
  highestUs = Number.POSITIVE_INFINITY
  #atS = 0
  #rivalLowestUs = Number.NEGATIVE_INFINITY
  #rivalHighestUs = Number.POSITIVE_INFINITY
  #contradictions = 0

  /** Forgets everything. */
  open(): void {
    this.lowestUs = Number.NEGATIVE_INFINITY
    this.highestUs = Number.POSITIVE_INFINITY
    this.#contradictions = 0
  }

  /**
   * Takes in one exchange that ended at `atS` and took `durationS` locally: the offset was at most `highestUs` when it
   * began and at least `lowestUs` when it ended. The rate is `driftPpm`, give or take `driftBoundPpm`.
   * After 'stepped' the interval is what the contradicting exchanges alone allow.
   */
  narrow(
    atS: number,
    durationS: number,
    lowestUs: number,
    highestUs: number,
    driftPpm: number,
    driftBoundPpm: number,
  ): IntervalVerdict {
    const elapsedS = atS - this.#atS
    this.#atS = atS
    const highestNowUs = highestUs + (driftPpm + driftBoundPpm) * durationS
    const lowestNowUs = lowestUs
    const fallUs = (driftPpm - driftBoundPpm) * elapsedS
    const riseUs = (driftPpm + driftBoundPpm) * elapsedS
    this.lowestUs += fallUs
    this.highestUs += riseUs

    if (lowestNowUs <= this.highestUs && highestNowUs >= this.lowestUs) {
      this.#contradictions = 0
      this.lowestUs = Math.max(this.lowestUs, lowestNowUs)
      this.highestUs = Math.min(this.highestUs, highestNowUs)
      return 'consistent'
    }

    this.#rivalLowestUs += fallUs
    this.#rivalHighestUs += riseUs
    const agrees =
      this.#contradictions > 0 && lowestNowUs <= this.#rivalHighestUs && highestNowUs >= this.#rivalLowestUs
    this.#contradictions = agrees ? this.#contradictions + 1 : 1
    this.#rivalLowestUs = agrees ? Math.max(this.#rivalLowestUs, lowestNowUs) : lowestNowUs
    this.#rivalHighestUs = agrees ? Math.min(this.#rivalHighestUs, highestNowUs) : highestNowUs
    if (this.#contradictions < contradictionsOfAStep) return 'contradicts'

    this.lowestUs = this.#rivalLowestUs
    this.highestUs = this.#rivalHighestUs
    this.#contradictions = 0
    return 'stepped'
  }
}
