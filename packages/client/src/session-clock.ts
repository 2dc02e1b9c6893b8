/**
 * The session's view of the server's clock: which probes are under way, whether the clocks are locked, and whether a
 * server that is met again is still the one that was left.
 */
import {
  type ClockModel,
  type ClockSync,
  type Exchange,
  errorBoundUs,
  type LocalUs,
  measureOffset,
  type RememberedDrift,
  type ServerUs,
  shift,
  toServer,
} from '@tutti/clock'
import type { ServerTime } from '@tutti/protocol'
import { type LocalSlew, noSlew, slewedUs } from './local-slew.js'
import type { RoundTrips } from './session-buffer.js'

/** What the session needs of `ClockSync`. */
export type SyncedClock = Pick<
  ClockSync,
  | 'start'
  | 'probeDueAt'
  | 'probeSent'
  | 'replyReceived'
  | 'model'
  | 'uncertaintyUs'
  | 'slewedErrorBoundUs'
  | 'corrected'
  | 'state'
  | 'drift'
  | 'disturb'
>

/** Questions that may be unanswered at a time; the oldest are forgotten. */
const longestMemory = 64
/** A confirmation that a probe was sent is waited for this long. */
const confirmationUs = 250_000
/** A server that was left and met again has kept its clock when the two readings agree within their bounds and this. */
const slackUs = 1_000

/** What a path is like shows in so many exchanges: about the first second's. */
const firstExchanges = 25

/** A question under way: the reading it carries, and steady time then. */
interface Underway {
  readonly at: LocalUs
  readonly steadyAt: LocalUs
}

export type Reply = 'used' | 'stray' | 'nonsense' | 'clockReplaced'

export class SessionClock {
  readonly #clock: SyncedClock
  readonly #underway: Underway[] = []
  #slew: LocalSlew
  /** What audio threads before this one have seen the local clock slewed by, µs. */
  #slewedBeforeUs = 0
  #askedAt: LocalUs | undefined
  #suspect = false
  /** Since when nothing is believed that no answer has confirmed, because this machine has slept. */
  #wokeAt: LocalUs | undefined
  #roundTripUs: number | undefined
  /** Of this connection. */
  #exchanges = 0
  /** Of the first exchanges, in ascending order. */
  readonly #sortedUs: number[] = []
  #roundTrips: RoundTrips | undefined

  /** @param slew as the audio thread has last reported it */
  constructor(clock: SyncedClock, slew: LocalSlew = noSlew) {
    this.#clock = clock
    this.#slew = slew
  }

  /** What to place media by, in the audio thread's steady time; undefined while the clocks are apart, or may be. */
  get model(): ClockModel | undefined {
    const { model, state } = this.#clock
    if (state === 'measuring' || this.#wokeAt !== undefined || model === undefined) return undefined
    return this.#slewedBeforeUs === 0 ? model : { ...model, localAt: shift(model.localAt, this.#slewedBeforeUs) }
  }

  /** Standard deviation of the estimate, µs; undefined before there is one. */
  get sigmaUs(): number | undefined {
    return this.#clock.uncertaintyUs
  }

  /** The best there is, locked or not, for people to look at. */
  get estimate(): ClockModel | undefined {
    return this.#clock.model
  }

  /** How wrong that may be at `at`, µs either way, even if a clock is slewed unnoticed; undefined before there is one. */
  slewedErrorBoundUs(at: LocalUs): number | undefined {
    return this.#clock.slewedErrorBoundUs(this.#steady(at))
  }

  /** Whether the server may be told that we are in step. */
  get locked(): boolean {
    return this.#clock.state !== 'measuring' && !this.#suspect && this.#wokeAt === undefined
  }

  /** Whether the exchanges of this connection show what the path is like. */
  get knowsPath(): boolean {
    return this.locked || this.#exchanges >= firstExchanges
  }

  /** Of the last exchange, µs. */
  get roundTripUs(): number | undefined {
    return this.#roundTripUs
  }

  /** Whether a question is under way. */
  get awaitsReply(): boolean {
    return this.#underway.length > 0
  }

  /** Least and lower quartile of the round trips so far, of the first second; undefined before the first. */
  get roundTrips(): RoundTrips | undefined {
    return this.#roundTrips
  }

  get drift(): RememberedDrift | undefined {
    return this.#clock.drift
  }

  /** When to ask for a probe. */
  get probeDueAt(): LocalUs | undefined {
    const steadyDueAt = this.#clock.probeDueAt
    if (steadyDueAt === undefined) return undefined
    const probeDueAt = shift(steadyDueAt, this.#aheadUs(shift(steadyDueAt, this.#aheadUs(steadyDueAt))))
    if (this.#askedAt === undefined) return probeDueAt
    return Math.max(probeDueAt, this.#askedAt + confirmationUs) as LocalUs
  }

  /** Takes what the audio thread says of the local clock. Another thread than the last begins with none. */
  slewed(slew: LocalSlew, at: LocalUs): void {
    const aheadUs = this.#aheadUs(at)
    if (slew.count < this.#slew.count) this.#slewedBeforeUs += slewedUs(this.#slew, at)
    this.#slew = { ...slew } // what is told is reused
    this.#clock.corrected(this.#aheadUs(at) - aheadUs)
  }

  /** How far the local clock is ahead of steady time. */
  #aheadUs(at: LocalUs): number {
    return this.#slewedBeforeUs + slewedUs(this.#slew, at)
  }

  #steady(at: LocalUs): LocalUs {
    return shift(at, -this.#aheadUs(at))
  }

  /** Says that a probe has been asked for; `probeSent` is to follow. */
  probeAsked(at: LocalUs): void {
    this.#askedAt = at
  }

  probeSent(at: LocalUs): void {
    this.#askedAt = undefined
    const steadyAt = this.#steady(at)
    this.#underway.push({ at, steadyAt })
    if (this.#underway.length > longestMemory) this.#underway.shift()
    this.#clock.probeSent(steadyAt)
  }

  /** Begins a connection. If it is not the first, what the server says is compared with what was known. */
  connected(at: LocalUs): void {
    this.#underway.length = 0
    this.#exchanges = 0
    this.#suspect = this.#clock.model !== undefined
    this.#ask(at)
  }

  /**
   * This machine has slept. Its clock may have stood still, and then what is queued would be heard as late as it has slept:
   * there is no model until an answer to a question from now on has confirmed it.
   */
  woke(at: LocalUs): void {
    if (this.#clock.model !== undefined) this.#wokeAt = this.#steady(at)
    this.#ask(at)
  }

  /** Asks quickly for a while, because something may have happened to either clock. */
  #ask(at: LocalUs): void {
    this.#askedAt = undefined
    this.#clock.start(this.#steady(at))
  }

  replyReceived(reply: ServerTime, at: LocalUs): Reply {
    const index = this.#underway.findIndex((question) => question.at === reply.client_transmitted)
    if (index < 0) return 'stray'
    const [question] = this.#underway.splice(index, 1)
    const exchange: Exchange = {
      requestSentAt: question!.steadyAt,
      requestReceivedAt: reply.server_received,
      replySentAt: reply.server_transmitted,
      replyReceivedAt: this.#steady(at),
    }
    const heldUs = exchange.replySentAt - exchange.requestReceivedAt
    const tookUs = exchange.replyReceivedAt - exchange.requestSentAt
    if (!(heldUs >= 0 && heldUs <= tookUs)) return 'nonsense'
    this.#roundTripUs = tookUs - heldUs
    this.#noteRoundTrip(this.#roundTripUs)
    this.#exchanges++

    const { model } = this.#clock
    const isAwake = this.#wokeAt !== undefined && exchange.requestSentAt >= this.#wokeAt
    const isApart = (this.#suspect || isAwake) && model !== undefined && contradicts(exchange, model)
    const replaced = this.#suspect && isApart
    this.#suspect = false
    if (isAwake) this.#wokeAt = undefined
    if (isApart) this.#clock.disturb(exchange.requestSentAt)
    this.#clock.replyReceived(exchange)
    return replaced ? 'clockReplaced' : 'used'
  }

  #noteRoundTrip(roundTripUs: number): void {
    const sorted = this.#sortedUs
    if (sorted.length >= firstExchanges) return
    sorted.push(roundTripUs)
    sorted.sort((a, b) => a - b)
    this.#roundTrips = { leastUs: sorted[0]!, lowerQuartileUs: sorted[sorted.length >> 2]! }
  }

  /** Server time at local time `at`; undefined while the clocks are apart. */
  serverAt(at: LocalUs): ServerUs | undefined {
    const { model } = this
    return model && toServer(model, shift(at, -slewedUs(this.#slew, at)))
  }
}

/** Whether the two cannot speak of one clock, however the network behaved. */
function contradicts(exchange: Exchange, model: ClockModel): boolean {
  const { lowestUs, highestUs, takenAt } = measureOffset(exchange)
  const offsetUs = toServer(model, takenAt) - takenAt
  const marginUs = errorBoundUs(model, takenAt) + slackUs
  return offsetUs + marginUs < lowestUs || offsetUs - marginUs > highestUs
}
