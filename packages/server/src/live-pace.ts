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
/** A beginning that gets so much further ahead within `watchUs` is not over: what follows says what it was. */
const gainMs = 50
const watchUs = 200_000
/** What was taken for given whole, and then goes on in its own time for so long, has a clock after all. */
const steadyMs = 2000

export class PaceDetector {
  /** How far ahead of real time a source may be before it is found out. */
  readonly mostAheadMs: number
  readonly #latencyMs: number
  #aheadMs = 0
  #lastAt: ServerUs | undefined
  /** The furthest it has been ahead since it had nothing, and since when. */
  #peakMs = 0
  #peakAt: ServerUs | undefined
  #pace: Pace = 'live'
  /** What has come in its own time since it was taken for given whole; undefined while it is not. */
  #steadyMs: number | undefined

  /**
   * @param bytesPerS of the source
   * @param latencyMs audio held of it: in lumps longer than that, no source can be played in its own time
   */
  constructor(bytesPerS: number, latencyMs: number) {
    this.mostAheadMs = latencyMs + Math.max(mostAheadMs, (mostAheadBytes * 1000) / bytesPerS)
    this.#latencyMs = latencyMs
  }

  get pace(): Pace {
    return this.#pace
  }

  /** Notes that `durationMs` of audio came at `at`. */
  received(durationMs: number, at: ServerUs): void {
    const elapsedMs = this.#lastAt === undefined ? 0 : (at - this.#lastAt) / 1000
    this.#lastAt = at
    this.#aheadMs = Math.max(0, this.#aheadMs - elapsedMs * drainRate) + durationMs
    if (this.#aheadMs > this.mostAheadMs) this.#decide('held')
    else if (this.#steadyMs !== undefined) {
      this.#steadyMs = this.#aheadMs > this.#latencyMs ? 0 : this.#steadyMs + durationMs
      if (this.#steadyMs > steadyMs) this.#decide('live')
    }
    if (this.#peakAt !== undefined && this.#aheadMs < this.#peakMs + gainMs) return
    this.#peakMs = this.#aheadMs
    this.#peakAt = at
  }

  /** Whether it is still getting ahead, so that where it is to be taken up cannot be told yet. */
  isGaining(at: ServerUs): boolean {
    return this.#pace === 'live' && this.#peakAt !== undefined && at < this.#peakAt + watchUs
  }

  /**
   * Notes that nothing of it is being played at `at`. What has come all at once, with nothing after it for longer than
   * is held of a source that makes audio all the time, was given whole.
   */
  waiting(at: ServerUs): void {
    if (this.#lastAt === undefined || this.#aheadMs === 0 || this.#pace === 'held') return
    if (at - this.#lastAt <= Math.max(this.#latencyMs * 1000, watchUs)) return
    this.#pace = 'held'
    this.#steadyMs = 0
  }

  /** Notes that there was nothing to play. */
  ranDry(): void {
    this.#decide('live')
    this.#aheadMs = 0
    this.#peakMs = 0
    this.#peakAt = undefined
  }

  #decide(pace: Pace): void {
    this.#pace = pace
    this.#steadyMs = undefined
  }
}
