/**
 * Keeps a model of the server's clock up to date: says when to probe, takes the answers, and says what they are worth.
 * It sends nothing itself and reads no clock.
 *
 * ```
 * measuring ──locked──▶ locked ──no answer for 5 s, or a wake-up missed──▶ holdover ──an answer──▶ locked
 *     ▲──────────── disturb, or a clock that stepped by more than 5 ms ────────┘
 * ```
 *
 * A clock that is slewed is followed without leaving `locked`.
 */
import type { ClockFilter, RememberedDrift } from './clock-filter.js'
import { type ClockModel, toServer } from './clock-model.js'
import { EnvelopeFilter } from './envelope-filter.js'
import type { Exchange } from './exchange.js'
import type { Random } from './ports.js'
import { ProbeSchedule } from './probe-schedule.js'
import { elapsedUs, type LocalUs } from './reading.js'
import { SlewableInterval } from './slewable-interval.js'

/**
 * `measuring`: too little is known to play. `locked`: good enough to start audio. `holdover`: it was, and the model is
 * still good as far as its error bound says, but the server has not confirmed it lately.
 */
export type ClockSyncState = 'measuring' | 'locked' | 'holdover'

/**
 * Locked is: this many exchanges used, and a standard deviation (`likelyErrorUs`) of at most this. Inaudible between rooms, and soon better.
 * On a path too bad for that a room that plays a few milliseconds off and closes in is better than one that is silent: after
 * `patientS` the demand is halved as often, down to what the ear fuses into one sound.
 */
const exchangesToLock = 6
const uncertaintyToLockUs = 500
const patientS = 2
const worstToLockUs = 5_000
/** What the model may move by at once without anybody having to be told: playback bends. */
const bendableUs = 5_000
const holdoverAfterUs = 5_000_000
/** A probe sent this much later than due: the machine slept, or this process did. */
const missedWakeUs = 5_000_000

export interface ClockSyncOptions {
  readonly random: Random
  /** `drift` of an earlier session with the same server. */
  readonly remembered?: RememberedDrift
  /** Default: an `EnvelopeFilter` that starts from `remembered`. */
  readonly filter?: ClockFilter
}

export class ClockSync {
  readonly #filter: ClockFilter
  readonly #schedule: ProbeSchedule
  readonly #slewable = new SlewableInterval()
  #state: ClockSyncState = 'measuring'
  #measuringSince = 0 as LocalUs
  #used = 0
  #unknownReplies = 0
  #answeredAt: LocalUs | undefined
  /** Replies to probes sent before this do not end a holdover. */
  #confirmFrom = Number.NEGATIVE_INFINITY

  constructor({ random, remembered, filter }: ClockSyncOptions) {
    this.#filter = filter ?? new EnvelopeFilter(remembered)
    this.#schedule = new ProbeSchedule(random)
  }

  /** The connection is up, or a new one: the first probe is due at `at`, and what was asked before is void. */
  start(at: LocalUs): void {
    this.#measuringSince = at
    this.#schedule.begin(at)
  }

  /** When to send the next probe, now if in the past; undefined before `start`. Changes with every call below. */
  get probeDueAt(): LocalUs | undefined {
    return this.#schedule.dueAt
  }

  /** Undefined until the first reply, and after `disturb` until the next. */
  get model(): ClockModel | undefined {
    return this.#filter.model
  }

  /** Standard deviation of the model's offset at the last reply, in µs. The bound that always holds is in the model. */
  get uncertaintyUs(): number | undefined {
    return this.#filter.uncertaintyUs
  }

  /**
   * How wrong the model may be at `at`, in µs either way, even if this clock or the server's is being slewed and that is not found out
   * yet, which the bound in the model leaves out. Undefined while there is no model.
   */
  slewedErrorBoundUs(at: LocalUs): number | undefined {
    const { model } = this.#filter
    return model && this.#slewable.errorBoundUs(model, at)
  }

  /**
   * Says that readings of this clock are less by `byUs` from now on than they would have been, because a slew was found out that
   * they are corrected for.
   */
  corrected(byUs: number): void {
    this.#slewable.correct(byUs)
  }

  /** What to remember for the next session with this server. */
  get drift(): RememberedDrift | undefined {
    return this.#filter.drift
  }

  /** As of the last call. While an answer contradicts all others by more than playback can bend, too little is known to play. */
  get state(): ClockSyncState {
    return this.#filter.doubtUs > bendableUs ? 'measuring' : this.#state
  }

  /** How often a clock stepped or changed its rate, here or there. */
  get steps(): number {
    return this.#filter.steps
  }

  /** Probes not answered within 5 s. */
  get lost(): number {
    return this.#schedule.lost
  }

  /** Replies not used: to no probe of ours, impossible, or contradicting all others. */
  get ignored(): number {
    return this.#unknownReplies + this.#filter.ignored
  }

  /** A probe went out whose request carries the reading `at`, exactly. */
  probeSent(at: LocalUs): void {
    const dueAt = this.#schedule.dueAt
    const missedWake = dueAt !== undefined && elapsedUs(dueAt, at) > missedWakeUs
    if (missedWake) {
      // Whether the clocks still agree is not known: a suspended machine's clock may have stood still, a throttled
      // process's did not. The filter sees a step by itself within three exchanges, so ask quickly and keep the model.
      this.#confirmFrom = at
      this.#schedule.probeDensely(at)
    }
    this.#schedule.sent(at)
    const isSilent = this.#answeredAt !== undefined && elapsedUs(this.#answeredAt, at) > holdoverAfterUs
    if (this.#state === 'locked' && (missedWake || isSilent)) this.#state = 'holdover'
  }

  /** Replies to probes that are not outstanding are ignored and counted. */
  replyReceived(exchange: Exchange): void {
    if (!this.#schedule.answered(exchange.requestSentAt, exchange.replyReceivedAt)) {
      this.#unknownReplies++
      return
    }
    const { ignored, steps, model } = this.#filter
    this.#filter.add(exchange)
    if (this.#filter.ignored > ignored) {
      this.#schedule.hurry(exchange.replyReceivedAt)
      return
    }
    this.#slewable.narrow(exchange)
    if (this.#filter.steps > steps) this.#moved(exchange.replyReceivedAt, model)
    this.#used++
    this.#answeredAt = exchange.replyReceivedAt
    const { uncertaintyUs, likelyErrorUs } = this.#filter
    if (uncertaintyUs === undefined || likelyErrorUs === undefined) return
    this.#schedule.pace(uncertaintyUs)
    const isGood = likelyErrorUs <= this.#uncertaintyToLockUs(exchange.replyReceivedAt)
    if (this.#state === 'measuring' && this.#used >= exchangesToLock && isGood) this.#state = 'locked'
    else if (this.#state === 'holdover' && exchange.requestSentAt >= this.#confirmFrom) this.#state = 'locked'
  }

  /**
   * Says that the offset no longer holds from `at` on: the server restarted, this clock jumped. Other causes are found
   * out without being told. The drift is kept.
   */
  disturb(at: LocalUs): void {
    this.#filter.disturb(at)
    this.#slewable.open()
    this.#startOver(at)
  }

  /** The filter has found that what `before` said does not hold any more. */
  #moved(at: LocalUs, before: ClockModel | undefined): void {
    const { model } = this.#filter
    const canBend = before && model && Math.abs(toServer(model, at) - toServer(before, at)) <= bendableUs
    if (canBend && this.#state !== 'measuring') this.#schedule.probeDensely(at)
    else this.#startOver(at)
  }

  #startOver(at: LocalUs): void {
    this.#used = 0
    this.#state = 'measuring'
    this.#measuringSince = at
    this.#schedule.probeDensely(at)
  }

  #uncertaintyToLockUs(at: LocalUs): number {
    const waitedS = elapsedUs(this.#measuringSince, at) / 1e6
    return Math.min(worstToLockUs, uncertaintyToLockUs * 2 ** Math.max(0, waitedS / patientS - 1))
  }
}
