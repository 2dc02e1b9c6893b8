/**
 * A room: the real session and the real playout engine, on a clock, a sound card and a network that are simulated. It
 * can be frozen, put to sleep, killed and started again or given another card while it plays.
 */
import {
  Player,
  type PlayerConfig,
  type PlayerInput,
  type PlayerOutput,
  type PlayerSettings,
  settingsDefaults,
  type Telemetry,
} from '@tutti/client'
import { ClockSync, type ServerUs, shift } from '@tutti/clock'
import { type CardPreset, cardPresets } from './card-presets.js'
import { CardSlot } from './card-slot.js'
import { Crystal, ordinaryCrystal } from './crystal.js'
import { Ear } from './ear.js'
import { MediaLog, type SimBlock } from './media-log.js'
import type { Random } from './random.js'
import { SimClock, type Timer } from './sim-clock.js'
import { type SimPayload, simDecoder } from './sim-codec.js'
import { SimSockets } from './sim-sockets.js'
import { bytesOf, type Down, type SessionId, type Up } from './wire.js'
import type { World } from './world.js'

export interface RoomTraits {
  readonly config: PlayerConfig
  readonly card: CardPreset
  /** What the room was told of the delay behind its card. */
  readonly outputDelayMs: number
  /** Error of the computer's crystal, and of the sound card's, ppm. */
  readonly cpuPpm: number
  readonly cardPpm: number
}

/** Media kept, in seconds: more than a player decodes ahead. */
const mediaS = 10
/** Adapters compare the wall clock with the monotonic one so often, and notice that the machine has slept. */
const wokenAfterUs = 50_000

export class SimRoom {
  readonly clock: SimClock
  readonly ear: Ear
  readonly #random: Random
  readonly #traits: RoomTraits
  readonly #send: (item: Up, bytes: number) => void
  readonly #timer: Timer
  readonly #sockets: SimSockets
  readonly #slot: CardSlot
  #media: MediaLog
  #player: Player<SimPayload, SimBlock>
  #processes = 0
  /** What the room has written down; it outlives its process. */
  #saved: PlayerSettings
  #isFrozen = false
  /** What came while the process was frozen; its kernel keeps it. */
  readonly #waiting: Down[] = []

  constructor(
    world: World,
    random: Random,
    traits: RoomTraits,
    send: (item: Up, bytes: number) => void,
    serverAt: (trueUs: number) => ServerUs,
  ) {
    this.#random = random
    this.#traits = traits
    this.#send = send
    const crystal = { ...ordinaryCrystal, startUs: random.fork('boot').between(1e9, 1e12), ppm: traits.cpuPpm }
    this.clock = new SimClock(world, new Crystal(random.fork('cpu'), crystal), random.fork('timers'))
    this.#saved = { ...settingsDefaults, outputDelayMs: traits.outputDelayMs }
    this.#media = this.#newMedia()
    this.#player = this.#newPlayer()
    this.ear = new Ear((frame) => this.#media.dueAt(frame), serverAt)
    const fitted = { preset: traits.card, ppm: traits.cardPpm }
    this.#slot = new CardSlot(world, this.clock, random, this.ear, fitted, {
      media: () => this.#media,
      reported: (telemetry) => {
        if (!this.#isFrozen) this.#tell({ type: 'telemetry', telemetry })
      },
    })
    this.#timer = this.clock.timer(() => this.#perform(this.player.wake(this.clock.now())))
    this.#sockets = new SimSockets(world, {
      transmit: (item) => this.#transmit(item),
      opened: (link) => this.#tell({ type: 'opened', link }),
      disconnected: (link, reason) => this.#tell({ type: 'disconnected', link, reason }),
    })
  }

  /** The process that runs, or ran last. */
  get player(): Player<SimPayload, SimBlock> {
    return this.#player
  }

  /** Switches the room on. */
  start(): void {
    this.#slot.play()
    this.#perform(this.player.wake(this.clock.now()))
  }

  /** Kills the process: its kernel closes the connection, and the card is silent. */
  kill(): void {
    this.#slot.stop()
    this.#timer.clear()
    this.#sockets.die()
  }

  /** Starts it again, with the settings that were saved. */
  restart(): void {
    this.#processes++
    this.#media = this.#newMedia()
    this.#player = this.#newPlayer()
    this.start()
  }

  /** Underruns of all its cards so far. */
  get underruns(): number {
    return this.#slot.underruns
  }

  get telemetry(): Telemetry | undefined {
    return this.#slot.telemetry
  }

  /** Plays on another sound card from now on. */
  changeCard(preset: CardPreset, ppm: number): void {
    this.#slot.exchange(preset, ppm)
  }

  #newMedia(): MediaLog {
    const { sampleRate } = cardPresets[this.#traits.card]
    return new MediaLog(mediaS * sampleRate, sampleRate)
  }

  #newPlayer(): Player<SimPayload, SimBlock> {
    const { sampleRate } = cardPresets[this.#traits.card]
    const random = this.#processes === 0 ? this.#random : this.#random.fork(`process ${this.#processes}`)
    return new Player(this.#traits.config, {
      connect: 'dial',
      settings: this.#saved,
      media: this.#media,
      sizeOf: ({ bytes }) => bytes,
      tailOf: ({ length, dueAt }, from) => ({ length: length - from, dueAt: shift(dueAt, (from * 1e6) / sampleRate) }),
      random: random.fork('player'),
      synchronise: (remembered) =>
        new ClockSync({ random: random.fork('probes'), ...(remembered === undefined ? {} : { remembered }) }),
    })
  }

  /** Keeps the main thread from its event loop, as a garbage collection does. */
  stall(): void {
    this.#isFrozen = true
    this.#sockets.isFrozen = true
    this.#timer.clear()
  }

  /** Stops the process, as SIGSTOP does. */
  freeze(): void {
    this.stall()
    this.#slot.freeze()
  }

  thaw(): void {
    this.#isFrozen = false
    this.#sockets.isFrozen = false
    for (const item of this.#waiting.splice(0)) this.receive(item)
    this.#perform(this.player.wake(this.clock.now()))
    this.#slot.thaw()
  }

  /** Sends the computer to sleep: its clock stands still as well. */
  suspend(): void {
    this.freeze()
    this.clock.stop()
  }

  resume(): void {
    this.clock.resume()
    this.thaw()
    this.clock.wakeAt(shift(this.clock.now(), wokenAfterUs), () => this.#tell({ type: 'woke' }))
  }

  /** Something has arrived from the server. */
  receive(item: Down): void {
    if (this.#isFrozen) {
      this.#waiting.push(item)
      return
    }
    if (!this.#sockets.takes(item)) return
    const { session: link } = item
    if (item.kind === 'message') this.#tell({ type: 'message', link, message: item.message })
    else for (const chunk of item.chunks) this.#tell({ type: 'audio', link, chunk })
  }

  #tell(input: PlayerInput<SimPayload, SimBlock>): void {
    this.#perform(this.player.handle(input, this.clock.now()))
  }

  #perform(outputs: readonly PlayerOutput[]): void {
    for (const output of outputs) this.#do(output)
    const { wakeAt } = this.player
    if (wakeAt === undefined) this.#timer.clear()
    else this.#timer.set(wakeAt)
  }

  #do(output: PlayerOutput): void {
    switch (output.type) {
      case 'dial':
        this.#sockets.dial()
        break
      case 'stopDialling':
        this.#sockets.stopDialling()
        break
      case 'send':
        // The simulated server asks for no telemetry.
        if (output.message.type === 'client/_tutti_telemetry') break
        this.#transmit({ kind: 'message', session: output.link, message: output.message })
        break
      case 'probe':
        this.#probe(output.link)
        break
      case 'hangUp':
        this.#sockets.hangUp(output.link)
        break
      case 'save':
        this.#saved = output.settings
        break
      case 'control':
        this.#slot.control = output.control
        break
      case 'openDecoder':
        this.#tell({ type: 'decoder', stream: output.stream, decoder: simDecoder })
        break
    }
  }

  #probe(session: SessionId): void {
    const at = this.clock.now()
    this.#transmit({ kind: 'message', session, message: { type: 'client/time', payload: { client_transmitted: at } } })
    this.#tell({ type: 'probeSent' })
  }

  #transmit(item: Up): void {
    this.#send(item, bytesOf(item))
  }
}
