/** How late this thread comes to a device at worst, of late: what the system lets it wait, and what it does itself. */
import { elapsedUs, type LocalUs } from '@tutti/clock'

/** A lateness counts for this long, or twice as long. */
const windowUs = 60_000_000

export class WakeLateness {
  #windowStart: LocalUs | undefined
  #worstUs = 0
  #lastWorstUs = 0

  /** The greatest lateness of the last minute or two, µs. */
  get worstUs(): number {
    return Math.max(this.#worstUs, this.#lastWorstUs)
  }

  /** Notes that at `at` the thread came `lateUs` later than it meant to. */
  woke(lateUs: number, at: LocalUs): void {
    this.#windowStart ??= at
    if (elapsedUs(this.#windowStart, at) >= windowUs) {
      this.#windowStart = at
      this.#lastWorstUs = this.#worstUs
      this.#worstUs = 0
    }
    this.#worstUs = Math.max(this.#worstUs, lateUs)
  }
}
