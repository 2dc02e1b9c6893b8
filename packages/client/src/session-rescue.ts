/**
 * Brings a session back as soon as the network is, where its connection would not: after an outage TCP tries again ever
 * more rarely (RFC 6298, section 5.5), so that four seconds of silence cost seven. A connection over which nothing comes
 * though it was asked is left as it is, and others are tried beside it: each sends a packet of its own (SYN) now.
 * Whichever speaks first is the session's: the old one, and nothing has happened, or a new one, and the old is dropped.
 */
import type { LocalUs, Random } from '@tutti/clock'
import { shift } from '@tutti/clock'

export interface RescueConfig {
  /** Longer than clocks are ever left unasked, and than a network that works repeats a packet. */
  readonly silentMs: number
  /** A question must have been open for so long. */
  readonly unansweredMs: number
  /** Longest wait between the first tries: what an outage is lengthened by. */
  readonly firstMs: number
  /** After so many tries the wait doubles with each, up to `longestMs`. */
  readonly quickTries: number
  readonly longestMs: number
}

/** What to do now: ask the server for a sign of life, or try another connection. */
export type RescueStep = 'ask' | 'dial'

/** A connection that has opened gets so long for its hello before others are tried again. */
const helloMs = 1_000
/** Woken so much later than asked for: it was we who stood still, and what came meanwhile has not been read yet. */
const stoodStillUs = 250_000

export class SessionRescue {
  readonly #config: RescueConfig
  readonly #random: Random
  /** Undefined while there is no session to watch over. */
  #heardAt: LocalUs | undefined
  /** The first question after that. */
  #askedAt: LocalUs | undefined
  #tries = 0
  #tryAt: LocalUs | undefined

  constructor(config: RescueConfig, random: Random) {
    this.#config = config
    this.#random = random
  }

  /** Since when nothing has been heard; undefined while there is no session. */
  get heardAt(): LocalUs | undefined {
    return this.#heardAt
  }

  /** Whether other connections are being tried. */
  get isTrying(): boolean {
    return this.#tries > 0
  }

  get wakeAt(): LocalUs | undefined {
    const { silentMs, unansweredMs } = this.#config
    if (this.#heardAt === undefined || this.#tryAt !== undefined) return this.#tryAt
    const silentAt = shift(this.#heardAt, silentMs * 1000)
    if (this.#askedAt === undefined) return silentAt
    return Math.max(silentAt, this.#askedAt + unansweredMs * 1000) as LocalUs
  }

  /** The session's connection has spoken, or is a new one. */
  heard(at: LocalUs): void {
    this.#heardAt = at
    this.#askedAt = undefined
    this.#tries = 0
    this.#tryAt = undefined
  }

  /** A question that the server answers at once has been sent. */
  asked(at: LocalUs): void {
    this.#askedAt ??= at
  }

  /** A connection has opened beside the session's and said hello. */
  opened(at: LocalUs): void {
    this.#tryAt = shift(at, helloMs * 1000)
  }

  /** The session has no connection. */
  end(): void {
    this.#heardAt = undefined
    this.#askedAt = undefined
    this.#tries = 0
    this.#tryAt = undefined
  }

  wake(at: LocalUs): RescueStep | undefined {
    const { wakeAt } = this
    if (wakeAt === undefined || at < wakeAt) return undefined
    if (!this.isTrying && at - wakeAt > stoodStillUs) {
      this.heard(at)
      return undefined
    }
    if (this.#askedAt === undefined) {
      this.#askedAt = at
      return 'ask'
    }
    const { firstMs, quickTries, longestMs } = this.#config
    const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, this.#tries - quickTries))
    this.#tries++
    this.#tryAt = shift(at, ceilingMs * (0.5 + 0.5 * this.#random.uniform()) * 1000)
    return 'dial'
  }
}
