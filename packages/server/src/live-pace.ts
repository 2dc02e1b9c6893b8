/**
 * Tells a source that makes audio in its own time from one that gives it as fast as it is read (a file sent down a
 * pipe, a program that leaves the pace to its reader).
 *
 * Real time runs ahead only by what was stored on the way, so what comes in is poured into a bucket that drains as time
 * passes, and only a source that waits for its reader makes it overflow. One that has nothing waits for nobody.
 */
import type { ServerUs } from '@tutti/clock'

/** `live`: has a clock of its own. `held`: waits for its reader, whose clock is the only one. */
export type Pace = 'live' | 'held'

/** A pipe holds 64 KiB on Linux, more where someone asked for it; programs write ahead by less than a second. */
const mostAheadMs = 1000
const mostAheadBytes = 262_144
/** Faster than any crystal, so that no drift fills the bucket. */
const drainRate = 1.01

export class PaceDetector {
  /** How far ahead of real time a source may be before it is found out. */
  readonly mostAheadMs: number
  #aheadMs = 0
  #lastAt: ServerUs | undefined
  #pace: Pace = 'live'

  /** @param bytesPerS of the source */
  constructor(bytesPerS: number) {
    this.mostAheadMs = Math.max(mostAheadMs, (mostAheadBytes * 1000) / bytesPerS)
  }

  get pace(): Pace {
    return this.#pace
  }

  /** Notes that `durationMs` of audio came at `at`. */
  received(durationMs: number, at: ServerUs): void {
    const elapsedMs = this.#lastAt === undefined ? 0 : (at - this.#lastAt) / 1000
    this.#lastAt = at
    this.#aheadMs = Math.max(0, this.#aheadMs - elapsedMs * drainRate) + durationMs
    if (this.#aheadMs > this.mostAheadMs) this.#pace = 'held'
  }

  /** Notes that there was nothing to play. */
  ranDry(): void {
    this.#pace = 'live'
    this.#aheadMs = 0
  }
}
