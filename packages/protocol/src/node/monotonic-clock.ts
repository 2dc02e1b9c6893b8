/** The machine's real time: CLOCK_MONOTONIC, which never steps (NTP may slew it; the clock filter follows that). */
import type { Clock, LocalUs, Reading, Timers } from '@tutti/clock'

/** Longest delay setTimeout can hold, in ms: beyond 2^31 − 1 it fires at once. */
const longestTimeoutMs = 2 ** 31 - 1

/**
 * Whole microseconds since the machine started, the same in every thread and process of it; whole because that is what
 * the wire carries. `Now` says whose clock it is: a server's own is `ServerUs`.
 */
export class MonotonicClock<Now extends Reading<string> = LocalUs> implements Clock<Now> {
  now(): Now {
    const [seconds, nanoseconds] = process.hrtime()
    return (seconds * 1e6 + Math.floor(nanoseconds / 1000)) as Now
  }
}

export class MonotonicTimers<Now extends Reading<string> = LocalUs> implements Timers<Now> {
  readonly #clock: Clock<Now>
  readonly #keepsProcessAlive: boolean

  /** Pass `keepsProcessAlive: false` for chores that must not keep a program from ending. */
  constructor(clock: Clock<Now>, { keepsProcessAlive = true }: { readonly keepsProcessAlive?: boolean } = {}) {
    this.#clock = clock
    this.#keepsProcessAlive = keepsProcessAlive
  }

  wakeAt(at: Now, run: () => void): () => void {
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      const remainingMs = (at - this.#clock.now()) / 1000
      const waitMs = Math.min(Math.max(Math.ceil(remainingMs), 0), longestTimeoutMs)
      timer = setTimeout(() => (this.#clock.now() < at ? wait() : run()), waitMs)
      if (!this.#keepsProcessAlive) timer.unref()
    }
    wait()
    return () => clearTimeout(timer)
  }
}
