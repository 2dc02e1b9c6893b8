/** The server a session is with: its clock, and what it has said of itself, of our group and of what is playing. */
import type { ConnectionReason, GroupUpdate, Metadata, ServerHello } from '@tutti/protocol'
import type { SessionClock } from './session-clock.js'

export class SessionServer {
  readonly id: string
  readonly clock: SessionClock
  #name = ''
  #reason: ConnectionReason = 'discovery'
  #group: GroupUpdate = {}
  #metadata: Readonly<Partial<Metadata>> = {}

  constructor(id: string, clock: SessionClock) {
    this.id = id
    this.clock = clock
  }

  /** For people. */
  get name(): string {
    return this.#name
  }

  /** Why it connected, or let us connect. */
  get reason(): ConnectionReason {
    return this.#reason
  }

  get groupName(): string | undefined {
    return this.#group.group_name
  }

  get metadata(): Readonly<Partial<Metadata>> {
    return this.#metadata
  }

  /** A connection to it begins: what plays is still true, the group may not be. */
  greeted({ name, connection_reason: reason }: ServerHello): void {
    this.#name = name
    this.#reason = reason
    this.#group = {}
  }

  /** What an update leaves out stays as it was. */
  regrouped(update: GroupUpdate): void {
    this.#group = { ...this.#group, ...update }
  }

  /** Likewise; null takes everything back. */
  described(update: Partial<Metadata> | null): void {
    this.#metadata = update === null ? {} : { ...this.#metadata, ...update }
  }
}
