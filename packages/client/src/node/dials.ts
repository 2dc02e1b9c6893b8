/** Connections a player makes: one at a time as a rule, some side by side where the one it has has gone silent. */
import type { Attach, Transport } from '@tutti/protocol'
import { connectWebSocket, type WsOptions } from '@tutti/protocol/node'

/** On their way at a time: at the pace of a rescue each has two seconds, which no network that plays music needs. */
const mostTries = 4
const goodbye = [1000, 'the player is closing'] as const

export class Dials {
  readonly #attach: Attach
  readonly #options: WsOptions
  readonly #tries = new Set<Transport>()
  readonly #open = new Set<Transport>()

  constructor(attach: Attach, options: WsOptions) {
    this.#attach = attach
    this.#options = options
  }

  /** Connects to `url`; the oldest try gives way when there are many. */
  dial(url: string): void {
    const [oldest] = this.#tries
    if (this.#tries.size >= mostTries) oldest?.close(1000, 'no answer')
    this.#tries.add(connectWebSocket(url, (transport) => this.#watch(transport), this.#options))
  }

  /** Gives up what has not opened. */
  stop(): void {
    for (const transport of this.#tries) transport.close(1000, 'not needed any more')
  }

  close(): void {
    for (const transport of [...this.#tries, ...this.#open]) transport.close(...goodbye)
  }

  #watch(transport: Transport): ReturnType<Attach> {
    const listener = this.#attach(transport)
    return {
      opened: () => {
        this.#tries.delete(transport)
        this.#open.add(transport)
        listener.opened?.()
      },
      received: (frame, at) => listener.received(frame, at),
      closed: (ending) => {
        this.#tries.delete(transport)
        this.#open.delete(transport)
        listener.closed(ending)
      },
    }
  }
}
