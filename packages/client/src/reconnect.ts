/**
 * When to dial again. The first retry is quick, because most losses are a server restarting or a Wi-Fi hand-over; later
 * ones back off exponentially, with "full jitter" over the upper half, so that the rooms of a house do not all return in
 * the same instant (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 */
import { elapsedUs, type LocalUs, type Random, shift } from '@tutti/clock'

export interface ReconnectConfig {
  /** Longest wait before the first retry. */
  readonly firstMs: number
  /** Longest wait before any retry. */
  readonly longestMs: number
  /** A connection that lasted this long makes the next retry a first one again. */
  readonly stableMs: number
}

export class Reconnect {
  readonly #config: ReconnectConfig
  readonly #random: Random
  #failures = 0
  #connectedAt: LocalUs | undefined

  constructor(config: ReconnectConfig, random: Random) {
    this.#config = config
    this.#random = random
  }

  /** Retries since the last stable connection. */
  get failures(): number {
    return this.#failures
  }

  connected(at: LocalUs): void {
    this.#connectedAt = at
  }

  /** When to try again after an attempt failed or a connection was lost. */
  retryAt(at: LocalUs): LocalUs {
    const { firstMs, longestMs, stableMs } = this.#config
    if (this.#connectedAt !== undefined && elapsedUs(this.#connectedAt, at) >= stableMs * 1000) this.#failures = 0
    this.#connectedAt = undefined
    const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    return shift(at, ceilingMs * (0.5 + 0.5 * this.#random.uniform()) * 1000)
  }
}
