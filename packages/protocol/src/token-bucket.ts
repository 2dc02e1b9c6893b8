/** Limits how often something may happen, with room for bursts. */
import { elapsedUs, type LocalUs, type Reading } from '@tutti/clock'

export interface Rate {
  /** In the long run. */
  readonly perSecond: number
  /** At once. */
  readonly burst: number
}

export class TokenBucket<Now extends Reading<string> = LocalUs> {
  readonly #rate: Rate
  #tokens: number
  #filledAt: Now

  constructor(rate: Rate, now: Now) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filledAt = now
  }

  /** False when this is one too many; nothing is used up then. */
  take(at: Now): boolean {
    const gained = (Math.max(elapsedUs(this.#filledAt, at), 0) * this.#rate.perSecond) / 1e6
    this.#tokens = Math.min(this.#tokens + gained, this.#rate.burst)
    this.#filledAt = at
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
