/**
 * A player's session with its servers: says hello, keeps the clocks in step, queues what arrives, tells the audio thread
 * where it belongs and the server how it goes. A machine without I/O: connections, decoders, files and the audio thread
 * are on the other side of its inputs and outputs.
 */
import { type LocalUs, shift } from '@tutti/clock'
import {
  type AudioChunk,
  type ConnectionReason,
  channelRole,
  type GoodbyeReason,
  type GroupUpdate,
  type Machine,
  type Metadata,
  type PlayerCommand,
  type PlayerStream,
  roles,
  type ServerHello,
  type ServerState,
  type ServerTime,
  telemetryRole,
  toWireFormat,
} from '@tutti/protocol'
import type { ChunkDecoder } from './decode-pump.js'
import type { PlayerConfig } from './player-config.js'
import type {
  HeardMessage,
  PlayerInput,
  PlayerOutput,
  PlayerParts,
  SaidMessage,
  SoundSettings,
} from './player-ports.js'
import { Reconnect } from './reconnect.js'
import { displaces } from './session-admission.js'
import { SessionAudio } from './session-audio.js'
import { SessionBuffer } from './session-buffer.js'
import { SessionClock } from './session-clock.js'
import { SessionControl } from './session-control.js'
import { type Link, SessionLinks } from './session-links.js'
import { helloCommands, SessionReport } from './session-report.js'
import { isAsLoud, type PlayerSettings, withPath, withServer, withSound } from './session-settings.js'
import { allows, conditions, nextState, type SessionEvent, type SessionState } from './session-states.js'
import { describePlayer, type PlayerStatus } from './session-status.js'
import { SessionTelemetry } from './session-telemetry.js'
import type { Telemetry } from './telemetry.js'

interface Server {
  readonly id: string
  readonly name: string
  readonly reason: ConnectionReason
}

const none: readonly never[] = []
/** How often what is known of clock and path is written down while connected. */
const rememberIntervalUs = 600_000_000
/** Between runs of the pump that have more to do: long enough to take what the network brought meanwhile. */
const pumpIntervalUs = 1_000
/** For so long after a clear the audio thread may still report the audio before it. */
const fadedAfterUs = 200_000

/** Decodes chunks of `Payload` into blocks of `Block`: bytes into AudioBuffers, or lengths into lengths. */
export class Player<Payload, Block extends { readonly length: number }>
  implements Machine<PlayerInput<Payload, Block>, PlayerOutput>
{
  readonly #config: PlayerConfig
  readonly #parts: PlayerParts<Payload, Block>
  readonly #audio: SessionAudio<Payload, Block>
  readonly #buffer: SessionBuffer
  readonly #report: SessionReport
  readonly #told: SessionTelemetry
  readonly #reconnect: Reconnect
  readonly #links = new SessionLinks()
  readonly #control = new SessionControl()
  #settings: PlayerSettings
  #state: SessionState = 'waiting'
  #outputs: PlayerOutput[] = []

  #server: Server | undefined
  #clock: SessionClock | undefined
  #connections = 0
  #group: GroupUpdate = {}
  #metadata: Partial<Metadata> = {}
  #telemetry: Telemetry | undefined

  #retryAt: LocalUs | undefined
  #pumpAt: LocalUs | undefined
  #rememberAt: LocalUs | undefined
  #clearedAt: LocalUs | undefined

  constructor(config: PlayerConfig, parts: PlayerParts<Payload, Block>) {
    this.#config = config
    this.#parts = parts
    this.#settings = parts.settings
    this.#audio = new SessionAudio(config, parts)
    this.#buffer = new SessionBuffer(config.minBufferMs, config.bufferBounds)
    this.#report = new SessionReport(config)
    this.#told = new SessionTelemetry(parts.output)
    this.#reconnect = new Reconnect(config.reconnect, parts.random)
    this.#retryAt = parts.connect === 'dial' ? (Number.NEGATIVE_INFINITY as LocalUs) : undefined
  }

  get state(): SessionState {
    return this.#state
  }

  get settings(): PlayerSettings {
    return this.#settings
  }

  get wakeAt(): LocalUs | undefined {
    const probeDueAt = this.#greeted ? this.#clock?.probeDueAt : undefined
    return earlier(
      earlier(this.#retryAt, this.#pumpAt),
      earlier(earlier(this.#rememberAt, this.#report.wakeAt), earlier(probeDueAt, this.#told.dueAt)),
    )
  }

  handle(input: PlayerInput<Payload, Block>, at: LocalUs): readonly PlayerOutput[] {
    if (this.#state === 'closed') {
      if (input.type === 'decoder' && typeof input.decoder !== 'string') input.decoder.close()
      return none
    }
    switch (input.type) {
      case 'audio':
        this.#audioArrived(input.link, input.chunk, at)
        break
      case 'telemetry':
        this.#telemetryArrived(input.telemetry, at)
        break
      case 'probeSent':
        this.#clock?.probeSent(at)
        break
      case 'message':
        this.#messageArrived(input.link, input.message, at)
        break
      case 'opened':
        this.#opened(input.link)
        break
      case 'disconnected':
        this.#disconnected(input.link, input.reason, at)
        break
      case 'decoder':
        this.#decoderArrived(input.stream, input.decoder, at)
        break
      case 'woke':
        this.#clock?.woke(at)
        break
      case 'set':
        this.#set(input.settings)
        break
      case 'stop':
        this.#stop(input.reason)
        return this.#settled()
    }
    return this.#settle(at)
  }

  wake(at: LocalUs): readonly PlayerOutput[] {
    if (this.#state === 'closed') return none
    if (due(this.#retryAt, at)) {
      this.#retryAt = undefined
      this.#move('dialled')
      this.#emit({ type: 'dial' })
    }
    if (due(this.#pumpAt, at)) this.#pump(at)
    if (due(this.#rememberAt, at)) {
      this.#rememberAt = shift(at, rememberIntervalUs)
      this.#rememberPath()
    }
    return this.#settle(at)
  }

  status(at: LocalUs): PlayerStatus {
    return describePlayer({
      name: this.#config.name,
      state: this.#state,
      server: this.#server,
      group: this.#group.group_name,
      metadata: this.#metadata,
      settings: this.#settings,
      telemetry: this.#telemetry,
      clock: this.#clock,
      audio: this.#audio,
      connections: this.#connections,
      at,
    })
  }

  // Connections

  #opened(link: Link): void {
    const evicted = this.#links.open(link)
    if (evicted !== undefined) this.#hangUp(evicted, 'too many servers at once')
    if (link === this.#links.current) {
      this.#retryAt = undefined
      this.#move('opened')
    }
    this.#send(link, this.#hello())
  }

  #hello(): SaidMessage {
    const { clientId, name, device, formats, bufferCapacityBytes } = this.#config
    return {
      type: 'client/hello',
      payload: {
        client_id: clientId,
        name,
        version: 1,
        supported_roles: [roles.player, roles.metadata, telemetryRole, channelRole],
        device_info: device,
        'player@v1_support': {
          supported_formats: formats.map(toWireFormat),
          buffer_capacity: bufferCapacityBytes,
          supported_commands: helloCommands,
        },
      },
    }
  }

  #disconnected(link: Link | undefined, reason: string, at: LocalUs): void {
    const dialFailed = link === undefined && this.#state === 'connecting'
    if (!dialFailed && !(link !== undefined && this.#links.forget(link))) return
    this.#lose()
    if (this.#parts.connect === 'listen') {
      this.#problem(`lost the server: ${reason}; waiting for one to come back`)
      return
    }
    if (this.#reconnect.failures === 0) this.#problem(`no connection to a server: ${reason}; trying again`)
    this.#retryAt = this.#reconnect.retryAt(at)
  }

  /** What has arrived plays on; everything that needs the connection stops. */
  #lose(): void {
    this.#report.end()
    this.#told.end()
    this.#rememberAt = undefined
    this.#rememberPath()
    this.#audio.disconnected()
    this.#move('lost')
  }

  #stop(reason: GoodbyeReason): void {
    for (const link of this.#links.all) this.#farewell(link, reason)
    this.#rememberPath()
    this.#audio.close()
    this.#clock = undefined
    this.#publish()
    this.#move('stopped')
    this.#retryAt = this.#pumpAt = this.#rememberAt = undefined
    this.#report.end()
    this.#told.end()
  }

  #farewell(link: Link, reason: GoodbyeReason): void {
    this.#send(link, { type: 'client/goodbye', payload: { reason } })
    this.#hangUp(link, reason)
  }

  // What servers say

  #messageArrived(link: Link, message: HeardMessage, at: LocalUs): void {
    if (message.type === 'server/hello') this.#greetedBy(link, message.payload, at)
    if (link !== this.#links.current || !this.#greeted) return
    switch (message.type) {
      case 'server/time':
        this.#replied(message.payload, at)
        break
      case 'server/state':
        this.#described(message.payload)
        break
      case 'server/command':
        if (message.payload.player) this.#commanded(message.payload.player)
        break
      case 'server/_tutti_channel':
        this.#set({ channelMode: message.payload.channel })
        break
      case 'group/update':
        this.#group = { ...this.#group, ...message.payload }
        if (message.payload.playback_state === 'playing') this.#rememberServer()
        break
      case 'stream/start':
        if (message.payload.player) this.#started(message.payload.player)
        break
      case 'stream/clear':
        if (!concernsPlayer(message.payload.roles) || !this.#audio.active) break
        this.#audio.clear()
        this.#buffer.restart()
        this.#cleared(at)
        break
      case 'stream/end':
        if (!concernsPlayer(message.payload.roles) || !this.#audio.active) break
        this.#audio.end()
        this.#move('ended')
        break
    }
  }

  #greetedBy(link: Link, hello: ServerHello, at: LocalUs): void {
    const { current } = this.#links
    if (this.#links.isCandidate(link)) {
      if (!this.#admits(hello)) {
        this.#links.forget(link)
        this.#farewell(link, 'another_server')
        return
      }
      this.#farewell(current!, 'another_server')
      this.#links.promote(link)
      this.#lose()
      this.#move('opened')
    }
    if (link === this.#links.current && this.#state === 'greeting') this.#welcomed(hello, at)
  }

  #admits({ server_id: serverId, connection_reason: reason }: ServerHello): boolean {
    if (!this.#greeted || this.#server === undefined) return true // the first to finish its hello
    const current = {
      serverId: this.#server.id,
      reason: this.#audio.active ? 'playback' : this.#server.reason,
    } as const
    return displaces({ serverId, reason }, current, this.#settings.lastServerId)
  }

  #welcomed(hello: ServerHello, at: LocalUs): void {
    if (this.#server?.id !== hello.server_id || this.#clock === undefined) {
      this.#audio.clear()
      this.#metadata = {}
      this.#clock = new SessionClock(this.#parts.synchronise(this.#settings.drifts[hello.server_id]))
    }
    this.#clock.connected(at)
    this.#group = {}
    this.#server = { id: hello.server_id, name: hello.name, reason: hello.connection_reason }
    this.#connections++
    this.#reconnect.connected(at)
    this.#report.begin(at)
    this.#rememberAt = shift(at, rememberIntervalUs)
    this.#emit({ type: 'event', event: { type: 'server', id: hello.server_id, name: hello.name } })
    this.#move('welcomed')
    if (hello.active_roles.includes(telemetryRole)) this.#told.begin(at)
    if (!hello.active_roles.includes(roles.player)) {
      this.#problem(`${hello.name} does not let this player play; check its settings there`)
    }
    if (hello.connection_reason === 'playback') this.#rememberServer()
  }

  #replied(reply: ServerTime, at: LocalUs): void {
    if (this.#clock!.replyReceived(reply, at) !== 'clockReplaced') return
    this.#problem(`${this.#server!.name} has restarted its clock; starting in step again`)
    this.#audio.clear()
    this.#cleared(at)
  }

  #described({ metadata }: ServerState): void {
    if (metadata === undefined) return
    this.#metadata = metadata === null ? {} : { ...this.#metadata, ...metadata }
    this.#emit({ type: 'event', event: { type: 'metadata', metadata: this.#metadata } })
  }

  #commanded(command: PlayerCommand): void {
    switch (command.command) {
      case 'volume':
        this.#set({ volume: command.volume })
        break
      case 'mute':
        this.#set({ muted: command.mute })
        break
      case 'set_static_delay':
        this.#set({ outputDelayMs: command.static_delay_ms })
        break
      case 'set_output_delay':
        this.#set({ outputDelayMs: command.output_delay_ms })
        break
    }
  }

  #started(player: PlayerStream): void {
    const wasActive = this.#audio.active
    const change = this.#audio.start(player)
    if (change?.format) {
      this.#emit({ type: 'openDecoder', stream: change.stream, format: change.format, codecHeader: change.codecHeader })
      this.#emit({ type: 'event', event: { type: 'format', format: change.format } })
    } else if (change) {
      this.#problem(`${this.#server!.name} sends ${player.codec}, which this player cannot decode`)
    }
    if (!wasActive) {
      this.#buffer.restart()
      this.#move('started')
    }
    this.#rememberServer()
  }

  // Audio

  #audioArrived(link: Link, chunk: AudioChunk<Payload>, at: LocalUs): void {
    if (link !== this.#links.current) return
    const now = this.#clock?.serverAt(at)
    if (now !== undefined) this.#buffer.arrived(chunk.timestamp - now, at)
    const arrival = this.#audio.push(chunk, now)
    if (arrival === 'rewound') this.#cleared(at)
    if (this.#pumpAt === undefined) this.#pump(at)
  }

  #decoderArrived(stream: number, decoder: ChunkDecoder<Payload, Block> | string, at: LocalUs): void {
    if (typeof decoder === 'string') this.#problem(`no decoder: ${decoder}; this stream stays silent`)
    this.#audio.setDecoder(stream, typeof decoder === 'string' ? null : decoder)
    this.#pump(at)
  }

  #telemetryArrived(telemetry: Telemetry, at: LocalUs): void {
    this.#telemetry = telemetry
    this.#buffer.reported(telemetry, this.#settings.outputDelayMs * 1000, at)
    const voided = this.#clearedAt !== undefined && at < shift(this.#clearedAt, fadedAfterUs)
    if (telemetry.state === 'playing' && !voided && allows(this.#state, 'heard')) this.#move('heard')
    if (telemetry.state === 'starved' && allows(this.#state, 'starved')) this.#move('starved')
    if (this.#pumpAt === undefined) this.#pump(at)
  }

  /** What has arrived is void, but more is to come. */
  #cleared(at: LocalUs): void {
    this.#clearedAt = at
    if (allows(this.#state, 'cleared')) this.#move('cleared')
  }

  #pump(at: LocalUs): void {
    const now = this.#clock?.serverAt(at)
    const dueAt = now === undefined ? undefined : shift(now, this.#settings.outputDelayMs * 1000)
    const more = this.#audio.pump(at, dueAt, this.#telemetry?.playheadFrame ?? 0)
    this.#pumpAt = more ? shift(at, pumpIntervalUs) : undefined
    if (!this.#audio.active && now !== undefined && this.#audio.exhausted(now)) this.#audio.clear()
  }

  // Settings

  #set(wanted: Partial<SoundSettings>): void {
    const was = this.#settings
    this.#keep(withSound(was, wanted))
    const { volume, muted } = this.#settings
    if (!isAsLoud(was, this.#settings)) this.#emit({ type: 'event', event: { type: 'volume', volume, muted } })
  }

  #rememberServer(): void {
    this.#keep(withServer(this.#settings, this.#server!.id))
  }

  /** Keeps what the next session with this server can start from. */
  #rememberPath(): void {
    if (this.#server === undefined) return
    this.#keep(withPath(this.#settings, this.#server.id, this.#clock?.drift, this.#buffer.remembered))
  }

  #keep(settings: PlayerSettings): void {
    if (settings === this.#settings) return
    this.#settings = settings
    this.#emit({ type: 'save', settings })
  }

  // What follows from a change

  /** Brings lock, probes, report and control up to date. */
  #settle(at: LocalUs): readonly PlayerOutput[] {
    const clock = this.#clock
    if (this.#greeted && clock !== undefined) {
      if (clock.locked) {
        this.#learn(clock)
        if (allows(this.#state, 'locked')) this.#move('locked')
      } else if (allows(this.#state, 'unlocked')) this.#move('unlocked')
      if (due(clock.probeDueAt, at)) {
        clock.probeAsked(at)
        this.#emit({ type: 'probe', link: this.#links.current! })
      }
      this.#reportState(at)
      if (due(this.#told.dueAt, at)) this.#send(this.#links.current!, this.#told.report(this.status(at), at))
    }
    this.#publish()
    return this.#settled()
  }

  #settled(): readonly PlayerOutput[] {
    if (this.#outputs.length === 0) return none
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  #learn({ roundTrips }: SessionClock): void {
    if (this.#server === undefined || roundTrips === undefined) return
    this.#buffer.learn(roundTrips, this.#settings.tails[this.#server.id])
  }

  #reportState(at: LocalUs): void {
    const condition = conditions[this.#state]
    const payload = condition && this.#report.update(condition, this.#settings, this.#buffer.minBufferMs, at)
    if (payload) this.#send(this.#links.current!, { type: 'client/state', payload })
  }

  #publish(): void {
    const control = this.#control.update(this.#clock?.model, this.#audio.anchor, this.#settings, this.#buffer.queueMs)
    if (control) this.#emit({ type: 'control', control })
  }

  /** Whether there is a server that has said hello. */
  get #greeted(): boolean {
    return conditions[this.#state] !== undefined
  }

  #move(event: SessionEvent): void {
    const was = this.#state
    this.#state = nextState(was, event)
    this.#emit({ type: 'event', event: { type: 'state', state: this.#state, was } })
  }

  #send(link: Link, message: SaidMessage): void {
    this.#emit({ type: 'send', link, message })
  }

  #hangUp(link: Link, reason: string): void {
    this.#emit({ type: 'hangUp', link, reason })
  }

  #problem(text: string): void {
    this.#emit({ type: 'event', event: { type: 'problem', text } })
  }

  #emit(output: PlayerOutput): void {
    this.#outputs.push(output)
  }
}

function earlier(a: LocalUs | undefined, b: LocalUs | undefined): LocalUs | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

function due(deadline: LocalUs | undefined, at: LocalUs): boolean {
  return deadline !== undefined && at >= deadline
}

/** A list of role families that is not there means all. */
function concernsPlayer(families: readonly string[] | undefined): boolean {
  return families?.includes('player') ?? true
}
