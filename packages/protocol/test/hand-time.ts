/** Time that passes when a test says so. */
import type { Clock, LocalUs, Timers } from '@tutti/clock'

export class HandTime implements Clock, Timers {
  #now = 0
  readonly #waiting = new Map<object, { readonly at: LocalUs; readonly run: () => void }>()

  get waiting(): number {
    return this.#waiting.size
  }

  now(): LocalUs {
    return this.#now as LocalUs
  }

  wakeAt(at: LocalUs, run: () => void): () => void {
    const key = {}
    this.#waiting.set(key, { at, run })
    return () => this.#waiting.delete(key)
  }

  /** Wakes, in order, all who wait for an instant up to `byUs` from now. */
  pass(byUs: number): void {
    const until = this.#now + byUs
    for (;;) {
      const due = [...this.#waiting].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
      if (due === undefined) break
      const [key, { at, run }] = due
      this.#waiting.delete(key)
      this.#now = Math.max(this.#now, at)
      run()
    }
    this.#now = until
  }
}
