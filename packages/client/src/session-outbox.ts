/** What a player wants done by the adapter around it, in the order it was wanted, until that comes for it. */
import type { GoodbyeReason } from '@tutti/protocol'
import type { PlayerOutput, SaidMessage } from './player-ports.js'
import type { Link } from './session-links.js'
import type { PlayerEvent } from './session-status.js'

const nothing: readonly never[] = []

export class SessionOutbox {
  #outputs: PlayerOutput[] = []

  put(output: PlayerOutput): void {
    this.#outputs.push(output)
  }

  send(link: Link, message: SaidMessage): void {
    this.put({ type: 'send', link, message })
  }

  hangUp(link: Link, reason: string): void {
    this.put({ type: 'hangUp', link, reason })
  }

  /** Says goodbye and hangs up: the server must not take it for a loss (Sendspin L1, `client/goodbye`). */
  farewell(link: Link, reason: GoodbyeReason): void {
    this.send(link, { type: 'client/goodbye', payload: { reason } })
    this.hangUp(link, reason)
  }

  tell(event: PlayerEvent): void {
    this.put({ type: 'event', event })
  }

  /** @param text one line that says what is wrong and what to do */
  complain(text: string): void {
    this.tell({ type: 'problem', text })
  }

  /** Hands over what has gathered. */
  take(): readonly PlayerOutput[] {
    if (this.#outputs.length === 0) return nothing
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
