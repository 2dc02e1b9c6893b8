/**
 * Keeps a connection to every player that wants to be dialled, and comes back to those that are lost, ever more slowly.
 * A player that said goodbye for good is left alone until it announces itself anew.
 */
import { type Clock, elapsedUs, type Random, type ServerUs, shift, type Timers } from '@tutti/clock'

export interface DialerOptions {
  readonly clock: Clock<ServerUs>
  readonly timers: Timers<ServerUs>
  readonly random: Random
  /** Opens a connection; `ended` is called once, when it is over or could not be made. */
  readonly connect: (url: string, ended: (mayRedial: boolean) => void) => { close(): void }
}

const firstPauseUs = 1_000_000
const longestPauseUs = 60_000_000
/** A connection that held so long was a good one: the next pause is short again. */
const goodUs = 30_000_000
/** A house has dozens; anyone in the network can announce more. */
const mostPlayers = 256

interface Target {
  readonly url: string
  pauseUs: number
  connection: { close(): void } | undefined
  cancel: (() => void) | undefined
  isDropped: boolean
}

export class Dialer {
  readonly #options: DialerOptions
  readonly #targets = new Map<string, Target>()

  constructor(options: DialerOptions) {
    this.#options = options
  }

  /** Player `id` is to be found at `url`. */
  found(id: string, url: string): void {
    const known = this.#targets.get(id)
    if (known?.url === url && (known.connection !== undefined || known.cancel !== undefined)) return
    if (known !== undefined) this.lost(id)
    if (this.#targets.size >= mostPlayers) return
    const target: Target = { url, pauseUs: firstPauseUs, connection: undefined, cancel: undefined, isDropped: false }
    this.#targets.set(id, target)
    this.#dial(target)
  }

  /** Player `id` is no longer announced; a connection that stands is left to stand. */
  lost(id: string): void {
    const target = this.#targets.get(id)
    if (target === undefined) return
    this.#targets.delete(id)
    target.isDropped = true
    target.cancel?.()
  }

  stop(): void {
    for (const [id, { connection }] of [...this.#targets]) {
      this.lost(id)
      connection?.close()
    }
  }

  #dial(target: Target): void {
    const { clock, connect } = this.#options
    const dialledAt = clock.now()
    target.cancel = undefined
    target.connection = connect(target.url, (mayRedial) => {
      target.connection = undefined
      if (target.isDropped || !mayRedial) return
      if (elapsedUs(dialledAt, clock.now()) > goodUs) target.pauseUs = firstPauseUs
      this.#redialLater(target)
    })
  }

  #redialLater(target: Target): void {
    const { clock, timers, random } = this.#options
    const pauseUs = target.pauseUs * (0.5 + random.uniform()) // players that went down together come back apart
    target.pauseUs = Math.min(target.pauseUs * 2, longestPauseUs)
    target.cancel = timers.wakeAt(shift(clock.now(), pauseUs), () => this.#dial(target))
  }
}
