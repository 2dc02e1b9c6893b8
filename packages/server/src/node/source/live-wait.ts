/** How a live source waits: for a while, or for something to come; and no longer than until it is closed. */
import { type Clock, type ServerUs, shift, type Timers } from '@tutti/clock'

export class LiveWait {
  readonly #clock: Clock<ServerUs>
  readonly #timers: Timers<ServerUs>
  readonly #signal: AbortSignal
  /** Has the one who waits look again. */
  #wake: (() => void) | undefined

  /** @param signal aborts when the source is closed */
  constructor(clock: Clock<ServerUs>, timers: Timers<ServerUs>, signal: AbortSignal) {
    this.#clock = clock
    this.#timers = timers
    this.#signal = signal
  }

  /** Something has come, or nothing will any more: who waits looks whether that is what is waited for. */
  lookAgain(): void {
    this.#wake?.()
  }

  /** Waits until `isThere`, but not beyond `untilAt`. For one at a time. */
  async until(isThere: () => boolean, untilAt: ServerUs): Promise<void> {
    let isTooLate = this.#clock.now() >= untilAt
    const cancel = this.#timers.wakeAt(untilAt, () => {
      isTooLate = true
      this.lookAgain()
    })
    while (!isTooLate && !this.#signal.aborted && !isThere()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    cancel()
    this.#wake = undefined
  }

  sleep(durationUs: number): Promise<void> {
    const signal = this.#signal
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const cancel = this.#timers.wakeAt(shift(this.#clock.now(), durationUs), wake)
      signal.addEventListener('abort', wake)
    })
  }
}
