/**
 * The server: the real coordinator on a simulated clock, with tracks that never end. Its process can be killed and
 * started again; what it had saved it still knows then.
 */
import type { ServerUs } from '@tutti/clock'
import type { AudioChunk } from '@tutti/protocol'
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
import { LineInput, lineBlockFrames } from './line-input.js'
import type { Random } from './random.js'
import { type RoomWire, ServerSockets } from './server-sockets.js'
import type { SimClock, Timer } from './sim-clock.js'
import { SimEncoder, type SimPayload, type SourceBlock } from './sim-codec.js'
import type { Up } from './wire.js'
import type { World } from './world.js'

type ServerInput = Input<SourceBlock, SimPayload>

/** Blocks a source delivers, in frames at 48 kHz: the packets of most decoders are not longer. */
const blockFrames = 4800
/** Frames beyond a position that bending needs, as the real bender's. */
const bendReach = 16
/** Of every announcement: 4 s. */
const clipFrames = 192_000
const lineIn = 'alsa:line-in'

export class SimServer {
  readonly clock: SimClock<ServerUs>
  readonly #random: Random
  readonly #timer: Timer<ServerUs>
  readonly #sockets: ServerSockets
  readonly #line: LineInput
  #coordinator: Coordinator<SourceBlock, SimPayload> | undefined
  #saved: ServerState = emptyState
  #boots = 0
  #lastRequest = 0
  #isBusy = false
  readonly #inputs: ServerInput[] = []

  constructor(world: World, clock: SimClock<ServerUs>, random: Random, wires: readonly RoomWire[]) {
    this.clock = clock
    this.#random = random
    this.#timer = clock.timer(() => this.#wake())
    this.#sockets = new ServerSockets(world, wires, (news) => this.#tell(news))
    this.#line = new LineInput(world, (feed) =>
      this.#tell({ type: 'blockReady', feed, block: { length: lineBlockFrames } }),
    )
  }

  get isRunning(): boolean {
    return this.#coordinator !== undefined
  }

  /** Starts the process. */
  boot(): void {
    const random = this.#random.fork(`boot ${this.#boots++}`)
    this.#coordinator = new Coordinator(configOf(random), this.#saved, this.clock.now())
    this.#sockets.listen()
    this.#settle()
  }

  /** Kills the process: its kernel resets every connection. */
  kill(): void {
    this.#coordinator = undefined
    this.#inputs.length = 0
    this.#timer.clear()
    this.#line.close()
    this.#sockets.die()
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
    this.#sockets.receive(room, item)
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
        this.#sockets.send(output.connection, output.message)
        break
      case 'sendTime':
        this.#sockets.send(output.connection, {
          type: 'server/time',
          payload: {
            client_transmitted: output.clientTransmitted,
            server_received: output.serverReceived,
            server_transmitted: this.clock.now(),
          },
        })
        break
      case 'sendAudio':
        noteWhenDue(output.chunks)
        this.#sockets.sendAudio(output.connection, output.chunks)
        break
      case 'close':
        this.#sockets.hangUp(output.connection)
        break
      case 'openTrack':
        this.#inputs.push({ type: 'trackOpened', feed: output.feed, tags: {}, durationMs: undefined })
        if (output.location.startsWith(lineIn)) this.#line.open(output.feed)
        break
      case 'closeTrack':
        if (output.feed === this.#line.feed) this.#line.close()
        break
      case 'wantFrames':
        if (output.feed === this.#line.feed) break
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
}

/** Writes on packets when they are to be heard, which is the same for all rooms. */
function noteWhenDue(chunks: readonly AudioChunk<SimPayload>[]): void {
  for (const { timestamp, payload } of chunks) {
    if (payload.dueAt >= 0 && payload.dueAt !== timestamp)
      throw new Error('rooms were told different times for one packet')
    payload.dueAt = timestamp
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
