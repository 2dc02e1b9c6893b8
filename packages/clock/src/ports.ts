/** The real world's time and chance. Bound once, in a `node/` folder or in the simulation. */
import type { LocalUs, Reading } from './reading.js'

export interface Clock<Now extends Reading<string> = LocalUs> {
  /** Monotonic: never steps, whatever the operating system does to the wall clock. */
  now(): Now
}

export interface Timers<Now extends Reading<string> = LocalUs> {
  /** Calls `run` once, at `at` or soon after, never before; the result cancels it. */
  wakeAt(at: Now, run: () => void): () => void
}

export interface Random {
  /** In [0, 1). */
  uniform(): number
}
