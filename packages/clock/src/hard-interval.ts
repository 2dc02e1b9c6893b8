/**
 * The interval the offset cannot leave. A request cannot arrive before it was sent, nor a reply: at `requestSentAt` the
 * server's clock read no more than `requestReceivedAt`, at `replyReceivedAt` no less than `replySentAt`. Exchanges are
 * intersected over time (Marzullo and Owicki 1983, as in RFC 5905 section 11.2.1), and each side recedes as fast as the
 * clocks can drift apart.
 *
 * Nothing is assumed about the network, so a constant asymmetry of the path is inside as well.
 */
import { HardDrift, maxDriftPpm, maxSlewPpm } from './hard-drift.js'

/** Exchanges in a row that must contradict the interval, and agree with each other, before they are believed. */
const contradictionsToBelieve = 3
/** The fastest that two clocks can move apart without a step, either way. */
const anyRatePpm = maxDriftPpm + maxSlewPpm

/** `bent`: the rate has changed, no faster than a slewed clock's; `stepped`: no rate explains it. */
export type IntervalVerdict = 'consistent' | 'contradicts' | 'bent' | 'stepped'

export class HardInterval {
  lowestUs = Number.NEGATIVE_INFINITY
  highestUs = Number.POSITIVE_INFINITY
  readonly drift = new HardDrift()
  #atS = 0
  #rivalLowestUs = Number.NEGATIVE_INFINITY
  #rivalHighestUs = Number.POSITIVE_INFINITY
  #contradictions = 0
  #consistentAtS = 0

  /** How far the last exchange was outside of the interval, in µs; 0 if it was not. */
  beyondUs = 0

  /** Forgets the offset, not the rates. */
  open(): void {
    this.beyondUs = 0
    this.lowestUs = Number.NEGATIVE_INFINITY
    this.highestUs = Number.POSITIVE_INFINITY
    this.#contradictions = 0
    this.drift.forgetOffsets()
  }

  /** The rates assumed may have been wrong for the last so many seconds: each side recedes as if they had been any. */
  doubtRates(forS: number): void {
    this.lowestUs -= anyRatePpm * forS
    this.highestUs += anyRatePpm * forS
    this.drift.open()
  }

  /**
   * Takes in one exchange that ended at `atS` and took `durationS` locally: the offset was at most `highestUs` when it
   * began and at least `lowestUs` when it ended. After 'bent' and 'stepped' the interval is what the contradicting exchanges
   * allow, and nothing is known of the rates.
   */
  narrow(atS: number, durationS: number, lowestUs: number, highestUs: number): IntervalVerdict {
    const { drift } = this
    const elapsedS = atS - this.#atS
    const highestNowUs = highestUs + drift.highestPpm * durationS
    this.#atS = atS
    this.lowestUs += drift.lowestPpm * elapsedS
    this.highestUs += drift.highestPpm * elapsedS

    if (lowestUs <= this.highestUs && highestNowUs >= this.lowestUs) {
      this.#contradictions = 0
      this.#consistentAtS = atS
      this.beyondUs = 0
      this.lowestUs = Math.max(this.lowestUs, lowestUs)
      this.highestUs = Math.min(this.highestUs, highestNowUs)
      drift.narrow(atS, this.lowestUs, this.highestUs)
      return 'consistent'
    }

    this.beyondUs = Math.max(lowestUs - this.highestUs, this.lowestUs - highestNowUs)
    // They may contradict because of the rates assumed, so that among themselves they are compared by any rate.
    this.#rivalLowestUs -= anyRatePpm * elapsedS
    this.#rivalHighestUs += anyRatePpm * elapsedS
    const agrees = this.#contradictions > 0 && lowestUs <= this.#rivalHighestUs && highestNowUs >= this.#rivalLowestUs
    this.#contradictions = agrees ? this.#contradictions + 1 : 1
    this.#rivalLowestUs = agrees ? Math.max(this.#rivalLowestUs, lowestUs) : lowestUs
    this.#rivalHighestUs = agrees ? Math.min(this.#rivalHighestUs, highestNowUs) : highestNowUs
    if (this.#contradictions < contradictionsToBelieve) return 'contradicts'

    const verdict = this.beyondUs <= anyRatePpm * (atS - this.#consistentAtS) ? 'bent' : 'stepped'
    this.open()
    drift.open()
    this.lowestUs = this.#rivalLowestUs
    this.highestUs = this.#rivalHighestUs
    this.#consistentAtS = atS
    this.beyondUs = 0
    return verdict
  }
}
