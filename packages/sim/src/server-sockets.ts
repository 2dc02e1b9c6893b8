/** The sockets of the server's process: connections that stand, what has come over them, and which of them are congested. */
import type { AudioChunk } from '@tutti/protocol'
import type { SaidMessage } from '@tutti/server'
import type { SimPayload } from './sim-codec.js'
import { bytesOf, type Down, type SessionId, type Up } from './wire.js'
import type { Alarm, World } from './world.js'

/** One room's way to the server, as the server sees it. */
export interface RoomWire {
  send(item: Down, bytes: number): void
  /** What the socket of a connection holds. */
  bytesInFlight(session: SessionId): number
}

/** What a process is told of its sockets; connections are numbered by the process, and no number is given twice. */
export type SocketNews =
  | { readonly type: 'connected'; readonly connection: number }
  | {
      readonly type: 'message'
      readonly connection: number
      readonly message: Extract<Up, { kind: 'message' }>['message']
    }
  | { readonly type: 'congestion'; readonly connection: number; readonly isCongested: boolean }
  | { readonly type: 'disconnected'; readonly connection: number }

interface Connection {
  readonly id: number
  readonly room: number
  readonly session: SessionId
  isCongested: boolean
  hasHeard: boolean
}

/** A socket that holds more than this, and less than half of it, is congested and is not any more. */
const congestedBytes = 1_000_000
const congestionCheckUs = 100_000
/** WebSocket's ping; a connection on which nothing came between two of them is given up. */
const heartbeatUs = 30e6

export class ServerSockets {
  readonly #world: World
  readonly #wires: readonly RoomWire[]
  readonly #tell: (news: SocketNews) => void
  readonly #heartbeat: Alarm
  readonly #congestionCheck: Alarm
  readonly #connections = new Map<number, Connection>()
  #lastConnection = 0
  #isListening = false

  constructor(world: World, wires: readonly RoomWire[], tell: (news: SocketNews) => void) {
    this.#world = world
    this.#wires = wires
    this.#tell = tell
    this.#heartbeat = world.alarm(() => this.#checkHeartbeats())
    this.#congestionCheck = world.alarm(() => this.#checkCongestion())
  }

  listen(): void {
    this.#isListening = true
    this.#heartbeat.set(this.#world.nowUs + heartbeatUs)
  }

  /** The process has died: its kernel resets every connection, and refuses others. */
  die(): void {
    this.#isListening = false
    this.#heartbeat.clear()
    this.#congestionCheck.clear()
    for (const { room, session } of this.#connections.values()) this.#transmit(room, { kind: 'closed', session })
    this.#connections.clear()
  }

  /** Something has arrived from a room. */
  receive(room: number, item: Up): void {
    const { session } = item
    if (item.kind === 'dial') return this.#answer(room, session, item.round)
    const connection = this.#find(room, session)
    if (connection === undefined) {
      // What a kernel does with packets for a connection it does not know.
      if (item.kind === 'message') this.#transmit(room, { kind: 'closed', session })
      return
    }
    connection.hasHeard = true
    if (item.kind === 'message') this.#tell({ type: 'message', connection: connection.id, message: item.message })
    else this.#lose(connection)
  }

  /** What is sent over a connection that is gone goes nowhere, here and below. */
  send(id: number, message: SaidMessage): void {
    const connection = this.#connections.get(id)
    if (connection) this.#transmit(connection.room, { kind: 'message', session: connection.session, message })
  }

  sendAudio(id: number, chunks: readonly AudioChunk<SimPayload>[]): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return
    this.#transmit(connection.room, { kind: 'audio', session: connection.session, chunks })
    if (connection.isCongested || this.#bytesInFlight(connection) < congestedBytes) return
    connection.isCongested = true
    this.#tell({ type: 'congestion', connection: id, isCongested: true })
    this.#congestionCheck.set(this.#world.nowUs + congestionCheckUs)
  }

  hangUp(id: number): void {
    const connection = this.#connections.get(id)
    if (connection) this.#transmit(connection.room, { kind: 'closed', session: connection.session })
    this.#connections.delete(id)
  }

  #answer(room: number, session: SessionId, round: 1 | 2): void {
    this.#transmit(room, { kind: this.#isListening ? 'accepted' : 'closed', session, round })
    if (!this.#isListening || round === 1) return
    const connection = { id: ++this.#lastConnection, room, session, isCongested: false, hasHeard: true }
    this.#connections.set(connection.id, connection)
    this.#tell({ type: 'connected', connection: connection.id })
  }

  #find(room: number, session: SessionId): Connection | undefined {
    for (const connection of this.#connections.values()) {
      if (connection.room === room && connection.session === session) return connection
    }
    return undefined
  }

  #lose(connection: Connection): void {
    this.#connections.delete(connection.id)
    this.#tell({ type: 'disconnected', connection: connection.id })
  }

  #transmit(room: number, item: Down): void {
    this.#wires[room]!.send(item, bytesOf(item))
  }

  #bytesInFlight({ room, session }: Connection): number {
    return this.#wires[room]!.bytesInFlight(session)
  }

  #checkHeartbeats(): void {
    for (const connection of this.#connections.values()) {
      if (!connection.hasHeard) this.#lose(connection)
      connection.hasHeard = false
    }
    this.#heartbeat.set(this.#world.nowUs + heartbeatUs)
  }

  #checkCongestion(): void {
    let isAnyLeft = false
    for (const connection of this.#connections.values()) {
      if (!connection.isCongested) continue
      connection.isCongested = this.#bytesInFlight(connection) > congestedBytes / 2
      if (connection.isCongested) isAnyLeft = true
      else this.#tell({ type: 'congestion', connection: connection.id, isCongested: false })
    }
    if (isAnyLeft) this.#congestionCheck.set(this.#world.nowUs + congestionCheckUs)
  }
}
