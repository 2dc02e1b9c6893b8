/** Where a player's session stands in its life (`session-states.ts`), and a word to whoever listens at every step. */
import type { PlayerCondition } from '@tutti/protocol'
import type { SessionOutbox } from './session-outbox.js'
import { allows, conditions, nextState, type SessionEvent, type SessionState } from './session-states.js'

export class SessionLife {
  readonly #outbox: Pick<SessionOutbox, 'tell'>
  #state: SessionState = 'waiting'

  constructor(outbox: Pick<SessionOutbox, 'tell'>) {
    this.#outbox = outbox
  }

  get state(): SessionState {
    return this.#state
  }

  /** What the server is told of it; undefined while there is none that has said hello. */
  get condition(): PlayerCondition | undefined {
    return conditions[this.#state]
  }

  /** Takes an event that can only come in this state: any other is our own bug, and throws. */
  move(event: SessionEvent): void {
    const was = this.#state
    this.#state = nextState(was, event)
    this.#outbox.tell({ type: 'state', state: this.#state, was })
  }

  /** Takes an event that comes from outside at any time, where it means something. */
  moveIfAllowed(event: SessionEvent): void {
    if (allows(this.#state, event)) this.move(event)
  }
}
