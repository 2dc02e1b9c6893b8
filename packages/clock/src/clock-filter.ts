/** Turns exchanges into a model of the server's clock. Two implementations stand side by side so they can be compared. */
import type { ClockModel } from './clock-model.js'
import type { Exchange } from './exchange.js'
import type { LocalUs } from './reading.js'

/** What is worth remembering about a server between sessions. */
export interface RememberedDrift {
  readonly driftPpm: number
  /** Standard deviation of `driftPpm`, in parts per million. */
  readonly sigmaPpm: number
}

export interface ClockFilter {
  /** Exchanges are added in the order their replies arrived. Impossible ones are ignored and counted. */
  add(exchange: Exchange): void
  /** Undefined until the first exchange, and after `disturb` until the next. A new object whenever it changes. */
  readonly model: ClockModel | undefined
  /**
   * Standard deviation of the model's offset at `model.localAt`, in µs, as far as the filter can judge: a path that is
   * always slower one way does not show. Undefined while `model` is.
   */
  readonly uncertaintyUs: number | undefined
  /**
   * The same as far as what was measured spreads, in µs. `uncertaintyUs` is cautious on a rough path, where it says how calmly to
   * follow and how often to ask; this says whether what is known is good enough to begin.
   */
  readonly likelyErrorUs: number | undefined
  /** Undefined until the drift is known better than not at all. */
  readonly drift: RememberedDrift | undefined
  /** Exchanges not used, because they were impossible, came twice or contradicted all others. */
  readonly ignored: number
  /** How often a clock was found to have stepped or changed its rate, so that the offset had to be found anew. */
  readonly steps: number
  /**
   * By how much the last exchange contradicted all others, in µs; 0 if it did not. The next ones will tell whether it was
   * wrong or a clock has stepped.
   */
  readonly doubtUs: number
  /**
   * Says that readings before `at` no longer bind: the local clock jumped, the machine slept, the server restarted.
   * The drift between the crystals survives; the offset does not.
   */
  disturb(at: LocalUs): void
}
