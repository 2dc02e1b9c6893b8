/**
 * Work for many connections, done a little at a time: in between, the event loop takes what has come in, so that no
 * clock question waits until a thousand rooms have been served.
 */
import { type Clock, elapsedUs, type ServerUs } from '@tutti/clock'

/** How long a question may have to wait; as a clock error it would be half of that. */
const sliceUs = 1000

export class Turns {
  readonly #clock: Clock<ServerUs>
  readonly #later: (run: () => void) => void
  readonly #waiting: (() => void)[] = []
  #isDue = false

  /** `later` runs something once what has come in has been dealt with. */
  constructor(clock: Clock<ServerUs>, later: (run: () => void) => void = setImmediate) {
    this.#clock = clock
    this.#later = later
  }

  /** Runs `task` in its turn, never at once. */
  take(task: () => void): void {
    this.#waiting.push(task)
    this.#goOn()
  }

  #goOn(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#later(() => this.#runSlice())
  }

  #runSlice(): void {
    this.#isDue = false
    const beganAt = this.#clock.now()
    let done = 0
    while (done < this.#waiting.length && (done === 0 || elapsedUs(beganAt, this.#clock.now()) < sliceUs)) {
      this.#waiting[done++]!()
    }
    this.#waiting.splice(0, done)
    if (this.#waiting.length > 0) this.#goOn()
  }
}
