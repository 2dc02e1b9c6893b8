/**
 * Connections a player makes: one at a time as a rule, some side by side where the one it has has gone silent, or where one
 * takes long to be made.
 */
import { shift } from '@tutti/clock'
import type { Attach, Transport } from '@tutti/protocol'
import { connectWebSocket, type WsOptions } from '@tutti/protocol/node'

/** On their way at a time: at the pace of a rescue each has two seconds, which no network that plays music needs. */
const mostTries = 4
/**
 * After so long another is tried beside one that is still to come (RFC 8305, section 5), and later more: TCP repeats its first
 * packet after a second only (RFC 6298, section 2), and on bad Wi-Fi one in fifty starts loses it.
 */
const besideUs = [250_000, 500_000, 1_000_000]
const goodbye = [1000, 'the player is closing'] as const

export class Dials {
  readonly #attach: Attach
  readonly #options: WsOptions
  readonly #tries = new Set<Transport>()
  readonly #open = new Set<Transport>()
  #cancelBeside: (() => void) | undefined

  constructor(attach: Attach, options: WsOptions) {
    this.#attach = attach
    this.#options = options
  }

  /** Connects to `url`; the oldest try gives way when there are many. */
  dial(url: string): void {
    this.#try(url)
    this.#cancelBeside?.()
    if (this.#open.size === 0) this.#tryBeside(url, 0)
  }

  /** Gives up what has not opened. */
  stop(): void {
    this.#abandon([1000, 'not needed any more'])
  }

  close(): void {
    this.#abandon(goodbye)
    for (const transport of this.#open) transport.close(...goodbye)
  }

  #try(url: string): void {
    const [oldest] = this.#tries
    if (oldest && this.#tries.size >= mostTries) {
      this.#tries.delete(oldest)
      oldest.close(1000, 'no answer')
    }
    this.#tries.add(connectWebSocket(url, (transport) => this.#watch(transport), this.#options))
  }

  #tryBeside(url: string, times: number): void {
    const waitUs = besideUs[times]
    if (waitUs === undefined) return
    const { clock, timers } = this.#options
    this.#cancelBeside = timers.wakeAt(shift(clock.now(), waitUs), () => {
      this.#try(url)
      this.#tryBeside(url, times + 1)
    })
  }

  #abandon(why: Readonly<Parameters<Transport['close']>>): void {
    this.#cancelBeside?.()
    const tries = [...this.#tries]
    this.#tries.clear()
    for (const transport of tries) transport.close(...why)
  }

  #watch(transport: Transport): ReturnType<Attach> {
    const listener = this.#attach(transport)
    return {
      opened: () => {
        this.#tries.delete(transport)
        this.#open.add(transport)
        this.stop()
        listener.opened?.()
      },
      received: (frame, at) => listener.received(frame, at),
      closed: (ending) => {
        const hasFailed = this.#tries.delete(transport)
        this.#open.delete(transport)
        // What cannot be reached now cannot beside it: the player says when to try again.
        if (hasFailed && this.#open.size === 0) this.stop()
        listener.closed(ending)
      },
    }
  }
}
