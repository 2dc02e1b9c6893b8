/** The sockets of a room's process: connections that stand, those that are being made, and what is done with silent ones. */
import type { Down, SessionId, Up } from './wire.js'
import type { Alarm, World } from './world.js'

export interface SocketPorts {
  transmit(item: Up): void
  opened(link: SessionId): void
  /** Without a link when the connection was never made. */
  disconnected(link: SessionId | undefined, reason: string): void
}

const dialTimeoutUs = 10e6
/** WebSocket's ping; a connection on which nothing came between two of them is given up. */
const heartbeatUs = 30e6
/** As many as the real adapter makes at a time; the oldest gives way. */
const mostTries = 4

export class SimSockets {
  readonly #world: World
  readonly #ports: SocketPorts
  readonly #watchdog: Alarm
  readonly #open = new Set<SessionId>()
  /** Connections being made, and how far that has come. */
  readonly #tries = new Map<SessionId, 1 | 2>()
  #latest: SessionId = 0
  #hasHeard = false
  /** The process does not run: its kernel keeps what comes, and nobody watches. */
  isFrozen = false

  constructor(world: World, ports: SocketPorts) {
    this.#world = world
    this.#ports = ports
    this.#watchdog = world.alarm(() => this.#watch())
  }

  dial(): void {
    const [oldest] = this.#tries.keys()
    if (oldest !== undefined && this.#tries.size >= mostTries) this.#giveUp(oldest)
    const session = ++this.#latest
    this.#tries.set(session, 1)
    if (this.#open.size === 0) this.#watchFor(dialTimeoutUs)
    this.#ports.transmit({ kind: 'dial', session, round: 1 })
  }

  stopDialling(): void {
    for (const session of [...this.#tries.keys()]) this.#giveUp(session)
  }

  hangUp(session: SessionId): void {
    if (this.#open.delete(session)) this.#ports.transmit({ kind: 'closed', session })
  }

  /** The process has died: its kernel closes what was open. */
  die(): void {
    this.#watchdog.clear()
    this.stopDialling()
    for (const session of [...this.#open]) this.hangUp(session)
  }

  /** Takes what has come; true when it is for the player, over a connection that stands. */
  takes(item: Down): item is Extract<Down, { kind: 'message' | 'audio' }> {
    const { session } = item
    if (!this.#open.has(session) && !this.#tries.has(session)) return false
    this.#hasHeard = true
    if (item.kind === 'accepted') this.#accepted(session, item.round)
    else if (item.kind === 'closed') this.#closed(session, 'the server closed the connection')
    else return this.#open.has(session)
    return false
  }

  #accepted(session: SessionId, round: 1 | 2): void {
    if (round === 1) {
      this.#tries.set(session, 2)
      this.#ports.transmit({ kind: 'dial', session, round: 2 })
      return
    }
    this.#tries.delete(session)
    this.#open.add(session)
    this.#watchFor(heartbeatUs)
    this.#ports.opened(session)
  }

  #closed(session: SessionId, reason: string): void {
    this.#tries.delete(session)
    const link = this.#open.delete(session) ? session : undefined
    if (this.#open.size === 0) this.#watchdog.clear()
    this.#ports.disconnected(link, reason)
  }

  /** Of one that has not come to the upgrade the server knows nothing. */
  #giveUp(session: SessionId): void {
    if (this.#tries.get(session) === 2) this.#ports.transmit({ kind: 'closed', session })
    this.#tries.delete(session)
  }

  #watchFor(durationUs: number): void {
    this.#hasHeard = false
    this.#watchdog.set(this.#world.nowUs + durationUs)
  }

  #watch(): void {
    if (this.isFrozen || (this.#open.size > 0 && this.#hasHeard)) return this.#watchFor(heartbeatUs)
    for (const session of [...this.#open]) {
      this.#ports.transmit({ kind: 'closed', session })
      this.#closed(session, 'the server is silent')
    }
    for (const session of [...this.#tries.keys()]) {
      this.#giveUp(session)
      this.#ports.disconnected(undefined, 'the server does not answer')
    }
  }
}
