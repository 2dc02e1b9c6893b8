/**
 * The interval that contains the offset even if a clock, this one or the server's, is slewed and nobody has noticed yet. It is made
 * as `HardInterval` is, but believes in no rate: its sides recede as fast as clocks are slewed. So it is worth no more than what the
 * exchanges of the last moments have said, and follows the truth while the estimate stays behind.
 */
import { type ClockModel, toServer } from './clock-model.js'
import { type Exchange, measureOffset } from './exchange.js'
import { maxDriftPpm, maxSlewPpm } from './hard-drift.js'
import { elapsedUs, type LocalUs } from './reading.js'

/** The fastest that two clocks can move apart without a step, either way. */
const anyRate = (maxDriftPpm + maxSlewPpm) * 1e-6

export class SlewableInterval {
  #at = 0 as LocalUs
  #lowestUs = Number.NEGATIVE_INFINITY
  #highestUs = Number.POSITIVE_INFINITY

  /** Forgets what exchanges have said. */
  open(): void {
    this.#lowestUs = Number.NEGATIVE_INFINITY
    this.#highestUs = Number.POSITIVE_INFINITY
  }

  /** Takes in exchanges in the order of their replies. One that contradicts all before is due to no slew: only it counts from then on. */
  narrow(exchange: Exchange): void {
    const { replyReceivedAt } = exchange
    const measured = measureOffset(exchange)
    const highestNowUs = measured.highestUs + anyRate * elapsedUs(exchange.requestSentAt, replyReceivedAt)
    const recededUs = anyRate * elapsedUs(this.#at, replyReceivedAt)
    const lowestUs = Math.max(measured.lowestUs, this.#lowestUs - recededUs)
    const highestUs = Math.min(highestNowUs, this.#highestUs + recededUs)
    const agrees = lowestUs <= highestUs
    this.#at = replyReceivedAt
    this.#lowestUs = agrees ? lowestUs : measured.lowestUs
    this.#highestUs = agrees ? highestUs : highestNowUs
  }

  /** The local clock's readings are less by `byUs` from now on, because it was slewed by as much, who knows since when. */
  correct(byUs: number): void {
    this.#lowestUs += Math.min(0, byUs)
    this.#highestUs += Math.max(0, byUs)
  }

  /** How wrong `toServer(model, local)` may be, in µs either way. */
  errorBoundUs(model: ClockModel, local: LocalUs): number {
    const offsetUs = toServer(model, local) - local
    const recededUs = anyRate * Math.abs(elapsedUs(this.#at, local))
    return Math.max(this.#highestUs - offsetUs, offsetUs - this.#lowestUs) + recededUs
  }
}
