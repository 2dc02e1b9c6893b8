/**
 * The server: the real coordinator on a simulated clock, with tracks that never end. Its process can be killed and
 * started again; what it had saved it still knows then.
 */
import type { ServerUs } from '@tutti/clock'
import type { SaidMessage } from '@tutti/server'
import {
  type Command,
  Coordinator,
  type CoordinatorConfig,
  defaultPacing,
  emptyState,
  type Input,
  type Output,
  type ServerState,
} from '@tutti/server'
import type { Random } from './random.js'
import type { SimClock, Timer } from './sim-clock.js'
import { SimEncoder, type SimPayload, type SourceBlock } from './sim-codec.js'
import { bytesOf, type Down, type SessionId, type Up } from './wire.js'
import type { Alarm, World } from './world.js'

type ServerInput = Input<SourceBlock, SimPayload>

/** One room's way to the server, as the server sees it. */
export interface RoomWire {
  send(item: Down, bytes: number): void
  /** What the socket of a connection holds. */
  bytesInFlight(session: SessionId): number
}

interface Connection {
  readonly id: number
  readonly room: number
  readonly session: SessionId
  isCongested: boolean
  hasHeard: boolean
}

/** Blocks a source delivers, in frames at 48 kHz: the packets of most decoders are not longer. */
const blockFrames = 4800
/** A line input gives so much at a time: 10 ms, as sound cards do. */
const liveFrames = 480
const liveUs = 10_000
/** Frames beyond a position that bending needs, as the real bender's. */
const bendReach = 16
/** Of every announcement: 4 s. */
const clipFrames = 192_000
/** A socket that holds more than this, and less than half of it, is congested and is not any more. */
const congestedBytes = 1_000_000
const heartbeatUs = 30e6
const lineIn = 'alsa:line-in'
const congestionCheckUs = 100_000

export class SimServer {
  readonly clock: SimClock<ServerUs>
  readonly #world: World
  readonly #random: Random
  readonly #wires: readonly RoomWire[]
  readonly #timer: Timer<ServerUs>
  readonly #heartbeat: Alarm
  readonly #congestionCheck: Alarm
  readonly #liveAlarm: Alarm
  /** The line input that is open. */
  #live: { readonly feed: number; blocks: number; readonly fromUs: number } | undefined
  readonly #connections = new Map<number, Connection>()
  #coordinator: Coordinator<SourceBlock, SimPayload> | undefined
  #saved: ServerState = emptyState
  #boots = 0
  #lastConnection = 0
  #lastRequest = 0
  #isBusy = false
  readonly #inputs: ServerInput[] = []

  constructor(world: World, clock: SimClock<ServerUs>, random: Random, wires: readonly RoomWire[]) {
    this.clock = clock
    this.#world = world
    this.#random = random
    this.#wires = wires
    this.#timer = clock.timer(() => this.#wake())
    this.#heartbeat = world.alarm(() => this.#checkHeartbeats())
    this.#congestionCheck = world.alarm(() => this.#checkCongestion())
    this.#liveAlarm = world.alarm(() => this.#capture())
  }

  get isRunning(): boolean {
    return this.#coordinator !== undefined
  }

  /** Starts the process. */
  boot(): void {
    const random = this.#random.fork(`boot ${this.#boots++}`)
    this.#coordinator = new Coordinator(configOf(random), this.#saved, this.clock.now())
    this.#heartbeat.set(this.#world.nowUs + heartbeatUs)
    this.#settle()
  }

  /** Kills the process: its kernel resets every connection. */
  kill(): void {
    this.#coordinator = undefined
    this.#inputs.length = 0
    this.#timer.clear()
    this.#heartbeat.clear()
    this.#congestionCheck.clear()
    this.#stopCapturing()
    for (const connection of this.#connections.values())
      this.#transmit(connection, { kind: 'closed', session: connection.session })
    this.#connections.clear()
  }

  /** Plays what is queued in the first group, where every client is to begin with, or else a track without an end. */
  play(live = false, liveTotalMs?: number): void {
    const group = this.#coordinator!.snapshot(this.clock.now()).groups[0]!
    if (group.queue.length === 0) this.queue(live, liveTotalMs)
    this.command({ command: 'play', group: group.id })
  }

  /** Queues a track without an end in the first group; a live one is sent only as far ahead as the rooms, or `liveTotalMs`, ask for. */
  queue(live: boolean, liveTotalMs?: number): void {
    const group = this.#coordinator!.snapshot(this.clock.now()).groups[0]!
    const lineLocation = liveTotalMs === undefined ? lineIn : `${lineIn}?total=${liveTotalMs}`
    const location = live ? lineLocation : 'endless'
    this.command({ command: 'addTracks', group: group.id, tracks: [{ location, live }] })
  }

  command(command: Command): void {
    this.#tell({ type: 'command', request: ++this.#lastRequest, command })
  }

  /** Something has arrived from a room. */
  receive(room: number, item: Up): void {
    const { session } = item
    if (item.kind === 'dial') return this.#answer(room, session, item.round)
    const connection = this.#find(room, session)
    if (connection === undefined) {
      if (item.kind === 'message') this.#reset(room, session)
      return
    }
    connection.hasHeard = true
    if (item.kind === 'message') this.#tell({ type: 'message', connection: connection.id, message: item.message })
    else this.#lose(connection)
  }

  #answer(room: number, session: SessionId, round: 1 | 2): void {
    const kind = this.isRunning ? 'accepted' : 'closed'
    const item = { kind, session, round } as const
    this.#wires[room]!.send(item, bytesOf(item))
    if (kind === 'closed' || round === 1) return
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

  #wake(): void {
    this.#isBusy = true
    this.#perform(this.#coordinator!.wake(this.clock.now()))
    this.#settle()
  }

  /** Inputs that outputs give rise to come in a later turn, as the coordinator expects. */
  #tell(input: ServerInput): void {
    this.#inputs.push(input)
    if (!this.#isBusy) this.#settle()
  }

  #settle(): void {
    this.#isBusy = true
    for (let input = this.#inputs.shift(); input && this.#coordinator; input = this.#inputs.shift()) {
      this.#perform(this.#coordinator.handle(input, this.clock.now()))
    }
    this.#isBusy = false
    const wakeAt = this.#coordinator?.wakeAt
    if (wakeAt === undefined) this.#timer.clear()
    else this.#timer.set(wakeAt)
  }

  #perform(outputs: readonly Output<SimPayload>[]): void {
    for (const output of outputs) this.#do(output)
  }

  #do(output: Output<SimPayload>): void {
    switch (output.type) {
      case 'send':
        this.#sendMessage(output.connection, output.message)
        break
      case 'sendTime':
        this.#sendMessage(output.connection, {
          type: 'server/time',
          payload: {
            client_transmitted: output.clientTransmitted,
            server_received: output.serverReceived,
            server_transmitted: this.clock.now(),
          },
        })
        break
      case 'sendAudio':
        this.#sendAudio(output)
        break
      case 'close':
        this.#hangUp(output.connection)
        break
      case 'openTrack':
        this.#inputs.push({ type: 'trackOpened', feed: output.feed, tags: {}, durationMs: undefined })
        if (!output.location.startsWith(lineIn)) break
        this.#live = { feed: output.feed, blocks: 0, fromUs: this.#world.nowUs }
        this.#liveAlarm.set(this.#world.nowUs + liveUs)
        break
      case 'closeTrack':
        if (output.feed === this.#live?.feed) this.#stopCapturing()
        break
      case 'wantFrames':
        if (output.feed === this.#live?.feed) break
        for (let left = output.frames; left > 0; left -= blockFrames) {
          this.#inputs.push({ type: 'blockReady', feed: output.feed, block: { length: blockFrames } })
        }
        break
      case 'openClip':
        this.#inputs.push({ type: 'clipReady', clip: output.clip, block: { length: clipFrames } })
        break
      case 'createEncoder':
        this.#inputs.push({ type: 'encoderReady', encoding: output.encoding, encoder: new SimEncoder(output.format) })
        break
      case 'save':
        this.#saved = this.#coordinator!.state(this.clock.now())
        break
      case 'answer':
        if (output.problem !== undefined) throw new Error(`the server refuses a command: ${output.problem}`)
        break
    }
  }

  /** A line input has a crystal of its own, which its re-clocking has dealt with: what comes is in the world's time. */
  #capture(): void {
    const live = this.#live
    if (live === undefined) return
    live.blocks++
    this.#liveAlarm.set(live.fromUs + (live.blocks + 1) * liveUs)
    this.#tell({ type: 'blockReady', feed: live.feed, block: { length: liveFrames } })
  }

  #stopCapturing(): void {
    this.#live = undefined
    this.#liveAlarm.clear()
  }

  #sendAudio({ connection: id, chunks }: Extract<Output<SimPayload>, { type: 'sendAudio' }>): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return
    for (const { timestamp, payload } of chunks) {
      if (payload.dueAt >= 0 && payload.dueAt !== timestamp)
        throw new Error('rooms were told different times for one packet')
      payload.dueAt = timestamp
    }
    this.#transmit(connection, { kind: 'audio', session: connection.session, chunks })
    if (connection.isCongested || this.#wires[connection.room]!.bytesInFlight(connection.session) < congestedBytes)
      return
    connection.isCongested = true
    this.#inputs.push({ type: 'congestion', connection: id, isCongested: true })
    this.#congestionCheck.set(this.#world.nowUs + congestionCheckUs)
  }

  #sendMessage(id: number, message: SaidMessage): void {
    const connection = this.#connections.get(id)
    if (connection) this.#transmit(connection, { kind: 'message', session: connection.session, message })
  }

  #hangUp(id: number): void {
    const connection = this.#connections.get(id)
    if (connection) this.#transmit(connection, { kind: 'closed', session: connection.session })
    this.#connections.delete(id)
  }

  /** What a kernel does with packets for a connection it does not know. */
  #reset(room: number, session: SessionId): void {
    const item = { kind: 'closed', session } as const
    this.#wires[room]!.send(item, bytesOf(item))
  }

  #transmit({ room }: Connection, item: Down): void {
    this.#wires[room]!.send(item, bytesOf(item))
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
      connection.isCongested = this.#wires[connection.room]!.bytesInFlight(connection.session) > congestedBytes / 2
      if (connection.isCongested) isAnyLeft = true
      else this.#tell({ type: 'congestion', connection: connection.id, isCongested: false })
    }
    if (isAnyLeft) this.#congestionCheck.set(this.#world.nowUs + congestionCheckUs)
  }
}

function configOf(random: Random): CoordinatorConfig<SourceBlock> {
  return {
    ...defaultPacing,
    serverId: 'simulation',
    serverName: 'Simulation',
    canEncode: () => true,
    appRoles: [],
    blocks: {
      silence: (frames) => ({ length: frames }),
      without: (block, frames) => ({ length: block.length - frames }),
      bender: () => ({ reach: bendReach, bend: (_, { frames }) => ({ length: frames }) }),
    },
    random,
  }
}
