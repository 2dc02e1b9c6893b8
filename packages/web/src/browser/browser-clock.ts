/** The page's monotonic clock and timers that keep going when the page is hidden. */
import type { Clock, LocalUs, Timers } from '@tutti/clock'

export class BrowserClock implements Clock {
  /** Whole µs since the page began; browsers round to 5 or 100 µs so that pages cannot measure each other. */
  now(): LocalUs {
    return this.at(performance.now())
  }

  /** What this clock reads when `performance.now()` reads `ms`. */
  at(ms: number): LocalUs {
    return Math.round(ms * 1000) as LocalUs
  }
}

interface Alarm {
  readonly at: LocalUs
  readonly run: () => void
}

/** A hidden page's own timers may come once a second, or once a minute; a worker's ticks come anyway. */
export class BrowserTimers implements Timers {
  readonly #clock: BrowserClock
  readonly #alarms = new Set<Alarm>()

  constructor(clock: BrowserClock) {
    this.#clock = clock
  }

  wakeAt(at: LocalUs, run: () => void): () => void {
    const alarm: Alarm = { at, run }
    this.#alarms.add(alarm)
    const waitMs = Math.min(Math.max(Math.ceil((at - this.#clock.now()) / 1000), 0), 2 ** 31 - 1)
    const timer = setTimeout(() => this.#ring(alarm), waitMs)
    return () => {
      clearTimeout(timer)
      this.#alarms.delete(alarm)
    }
  }

  /** Runs what is due. */
  tick(): void {
    const now = this.#clock.now()
    for (const alarm of [...this.#alarms]) if (alarm.at <= now) this.#ring(alarm)
  }

  #ring(alarm: Alarm): void {
    if (!this.#alarms.delete(alarm)) return
    if (this.#clock.now() < alarm.at) this.wakeAt(alarm.at, alarm.run)
    else alarm.run()
  }
}
