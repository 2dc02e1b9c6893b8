/** Puts the server together: coordinator, sockets, discovery, decoders, encoders, control API, state on disk. */
import { randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Clock, type LocalUs, type Random, type ServerUs, shift, type Timers } from '@tutti/clock'
import { isSupportedFormat } from '@tutti/codec'
import { createEncoder, type EncoderOptions } from '@tutti/codec/node'
import {
  type Attach,
  type AudioFormat,
  CleartextCodec,
  type ClientMessage,
  channelRole,
  clientSchemas,
  drive,
  guardConnection,
  limitsForClients,
  type Message,
  type MessageSchemas,
  type Refusal,
  type Role,
  type TelemetryMessage,
  type TelemetryReport,
  telemetryRole,
  telemetrySchemas,
} from '@tutti/protocol'
import {
  advertise,
  connectWebSocket,
  Discovery,
  defaultHeartbeatUs,
  MonotonicClock,
  MonotonicTimers,
  WsAcceptor,
} from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { audioBlocks } from '../audio-blocks.js'
import type { OpenSource } from '../audio-source.js'
import type { Command } from '../command.js'
import { defaultPacing } from '../config.js'
import { Coordinator } from '../coordinator.js'
import type { ServerEvent } from '../event.js'
import type { ClipId, ConnectionId, EncodingId, Input } from '../input.js'
import type { ClipOrigin, CommandResult, Output, SaidMessage } from '../output.js'
import { Packetizer } from '../packetizer.js'
import type { ServerStatus } from '../status.js'
import { type Reading, type RoomHistory, TelemetryHistory, type TelemetrySpan } from '../telemetry-history.js'
import { ClientOutbox } from './client-outbox.js'
import { loadClip } from './clip-loader.js'
import { CommandProblem, ControlApi, type Controls } from './control-api.js'
import { Dialer } from './dialer.js'
import { Doorkeeper } from './doorkeeper.js'
import { HouseServer, ownNames } from './house-server.js'
import { MusicFolders } from './music-folders.js'
import { PageFiles } from './page-files.js'
import { isForeignPage } from './request-guard.js'
import { expandTrack } from './source/playlist-file.js'
import { SourceProblem } from './source/source-problem.js'
import { StateStore } from './state-store.js'
import { TrackFeeder } from './track-feeder.js'
import { Turns } from './turns.js'

/** How people and their programs operate the house. */
export interface ControlOptions {
  /** Names of this machine beyond its own, as an address bar would show them. */
  readonly names: readonly string[]
  /** Folder of the built page; undefined for none. */
  readonly page: string | undefined
  /** Whether other machines may, once paired; this one always may. */
  readonly admitsOthers: boolean
  /** Folders whose music may be looked through, and queued from other machines. */
  readonly musicFolders: readonly string[]
  /** Told the code that pairs a browser, at the start and whenever it changes. */
  readonly onPairingCode: (code: string) => void
}

export interface ServeOptions {
  /** For people. */
  readonly name: string
  /** `0.0.0.0` for every IPv4 interface. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly path: string
  /** Undefined for none. */
  readonly control: ControlOptions | undefined
  readonly stateFolder: string
  /** Whether to announce this server and to dial the players that announce themselves. */
  readonly discovers: boolean
  /** Players to dial besides: `ws://host:port/path`. */
  readonly players: readonly string[]
  readonly openSource: OpenSource
  readonly encoder: EncoderOptions
  /** Roles of the application's own (`_name@v1`), and what their clients may say (`client/_name…`). */
  readonly appRoles: readonly Role[]
  readonly appMessages: MessageSchemas<Message>
  /** In ms; see CoordinatorConfig. */
  readonly sendAheadMs: number
  readonly onEvent: (event: ServerEvent) => void
  /** What went wrong in the world around, one line each, for people. */
  readonly onProblem: (problem: string) => void
}

export interface RunningServer extends Controls {
  readonly port: number
  /** Says goodbye to everyone and keeps the state; resolves when nothing runs any more. */
  stop(): Promise<void>
}

const channels = 2
const openTimeoutMs = 30_000
/** Beyond what a connection holds back by itself: messages to a peer that reads nothing. */
const maxBufferedBytes = 2 ** 20
/** Rooms that were forgotten take their past along, after so long. */
const tidyTelemetryUs = 60e6
/** Of this package, for people. */
const version = '0.1.0'
/** RFC 6455, section 7.4.1: an endpoint is going away. */
const goingAway = 1001
const random: Random = { uniform: () => randomInt(2 ** 47) / 2 ** 47 }

/** Rejects with a message fit for a person when a port or the state cannot be had. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const store = new StateStore(options.stateFolder, options.onProblem)
  const [state, serverId] = [await store.load(), await store.serverId()]
  const server = new Server(
    options,
    store,
    new Coordinator(
      {
        ...defaultPacing,
        serverId,
        serverName: options.name,
        sendAheadMs: options.sendAheadMs,
        canEncode: (format) => isSupportedFormat(format) && format.channels <= channels,
        appRoles: [...options.appRoles, telemetryRole, channelRole],
        blocks: audioBlocks(defaultPacing.sampleRate, channels),
        random,
      },
      state,
      new MonotonicClock<ServerUs>().now(),
    ),
  )
  try {
    await server.start(serverId)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

type AddedTracks = Extract<Command, { command: 'addTracks' }>['tracks']

/** Folders and lists become the tracks they stand for. */
async function expand(tracks: AddedTracks): Promise<AddedTracks> {
  try {
    return (await Promise.all(tracks.map(expandTrack))).flat()
  } catch (error) {
    throw error instanceof SourceProblem ? new CommandProblem(error.message) : error
  }
}

type Coordination = Coordinator<AudioBuffer, Uint8Array>

class Server implements RunningServer {
  readonly #options: ServeOptions
  readonly #store: StateStore
  readonly #coordinator: Coordination
  readonly #clock = new MonotonicClock<ServerUs>()
  readonly #timers = new MonotonicTimers<ServerUs>(this.#clock)
  readonly #turns = new Turns(this.#clock)
  readonly #connections = new Map<ConnectionId, { readonly outbox: ClientOutbox; mayRedial: boolean }>()
  readonly #feeder: TrackFeeder
  readonly #dialer: Dialer
  readonly #tell: (input: Input<AudioBuffer, Uint8Array>, at: ServerUs) => void
  readonly #listeners = new Set<(event: ServerEvent) => void>()
  readonly #requests = new Map<number, (answer: Extract<Output<Uint8Array>, { type: 'answer' }>) => void>()
  readonly #closers: (() => Promise<void>)[] = []
  #lastId = 0
  #isStopping = false
  readonly #telemetry = new TelemetryHistory()
  #tidyTelemetryAt = 0 as ServerUs
  port = 0

  constructor(options: ServeOptions, store: StateStore, coordinator: Coordination) {
    this.#options = options
    this.#store = store
    this.#coordinator = coordinator
    const { openSource } = options
    this.#feeder = new TrackFeeder({
      openSource,
      sampleRate: defaultPacing.sampleRate,
      channels,
      openTimeoutMs,
      tell: (input) => this.#input(input),
    })
    const connect = (url: string, ended: (mayRedial: boolean) => void): { close(): void } => this.#connect(url, ended)
    this.#dialer = new Dialer({ clock: this.#clock, timers: this.#timers, random, connect })
    this.#tell = drive(coordinator, { clock: this.#clock, timers: this.#timers }, (output) => this.#perform(output))
  }

  async start(serverId: string): Promise<void> {
    const { host, port, path, control, discovers, players, name, onProblem } = this.#options
    const attach = this.#attach(() => undefined)
    const names = control?.names ?? []
    const permits = ({ headers }: IncomingMessage): boolean => !isForeignPage(headers, ownNames(names))
    const acceptor = new WsAcceptor(() => attach, { ...this.#socketOptions(), permits })
    const http = new HouseServer({
      players: { path, acceptor },
      control: control && (await this.#control(control)),
      names,
      onProblem,
    })
    this.port = await http.listen(host, port)
    this.#closers.push(() => http.close())
    for (const url of players) this.#dialer.found(url, url)
    if (discovers) this.#discover(serverId, name)
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#store.save(() => this.#coordinator.state(this.#clock.now()))
    await this.#store.flush()
    this.#dialer.stop()
    for (const { outbox } of this.#connections.values()) outbox.close(goingAway, 'the server stops')
    const groups = this.#coordinator.snapshot(this.#clock.now()).groups
    for (const { id } of groups) this.#input({ type: 'command', request: 0, command: { command: 'stop', group: id } })
    await Promise.all([this.#feeder.stop(), ...this.#closers.map((close) => close())])
  }

  readings(): readonly Reading[] {
    return this.#telemetry.latest
  }

  past(span: TelemetrySpan): readonly RoomHistory[] {
    return this.#telemetry.past(span)
  }

  status(): ServerStatus {
    return this.#coordinator.snapshot(this.#clock.now())
  }

  async command(command: Command): Promise<CommandResult> {
    return this.#ask(command.command === 'addTracks' ? { ...command, tracks: await expand(command.tracks) } : command)
  }

  #ask(command: Command): Promise<CommandResult> {
    const request = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#requests.set(request, ({ problem, result }) => {
        if (problem === undefined) resolve(result ?? {})
        else reject(new CommandProblem(problem))
      })
      this.#input({ type: 'command', request, command })
    })
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #control({ page, admitsOthers, musicFolders, onPairingCode }: ControlOptions) {
    const { stateFolder, onProblem } = this.#options
    const doorkeeper = await Doorkeeper.open({
      folder: stateFolder,
      admitsOthers,
      onCode: onPairingCode,
      onProblem,
      now: () => Date.now() / 1000,
    })
    this.#closers.push(() => doorkeeper.flush())
    const api = new ControlApi({ controls: this, doorkeeper, music: new MusicFolders(musicFolders), version })
    return { api, page: page === undefined ? undefined : await PageFiles.load(page) }
  }

  #input(input: Input<AudioBuffer, Uint8Array>): void {
    this.#tell(input, this.#clock.now())
  }

  #perform(output: Output<Uint8Array>): void {
    switch (output.type) {
      case 'send':
        this.#connections.get(output.connection)?.outbox.send(output.message)
        break
      case 'sendTime':
        this.#connections.get(output.connection)?.outbox.sendTime(output.clientTransmitted, output.serverReceived)
        break
      case 'sendAudio':
        this.#connections.get(output.connection)?.outbox.sendAudio(output.chunks)
        break
      case 'dropAudio':
        this.#connections.get(output.connection)?.outbox.dropAudio()
        break
      case 'close':
        this.#close(output)
        break
      case 'openTrack':
        this.#feeder.open(output.feed, output.location, output.fromMs)
        break
      case 'wantFrames':
        this.#feeder.want(output.feed, output.frames)
        break
      case 'closeTrack':
        this.#feeder.close(output.feed)
        break
      case 'openClip':
        void this.#loadClip(output.clip, output.from)
        break
      case 'createEncoder':
        void this.#createEncoder(output.encoding, output.format)
        break
      case 'save':
        if (!this.#isStopping) this.#store.save(() => this.#coordinator.state(this.#clock.now()))
        break
      case 'answer':
        this.#requests.get(output.request)?.(output)
        this.#requests.delete(output.request)
        break
      case 'event':
        // In a turn of its own: a listener may give a command, and the outputs after this one come first.
        queueMicrotask(() => this.#announce(output.event))
        break
    }
  }

  #announce(event: ServerEvent): void {
    if (event.type === 'appMessage' && event.message.type === 'client/_tutti_telemetry') {
      const { payload } = event.message as TelemetryMessage
      this.#noteTelemetry(event.client, payload)
      return
    }
    this.#options.onEvent(event)
    for (const listener of this.#listeners) listener(event)
  }

  #noteTelemetry(client: string, report: TelemetryReport): void {
    const now = this.#clock.now()
    this.#telemetry.add(client, report, now)
    if (now < this.#tidyTelemetryAt) return
    this.#tidyTelemetryAt = shift(now, tidyTelemetryUs)
    this.#telemetry.keepOnly(new Set(this.status().groups.flatMap(({ clients }) => clients.map(({ id }) => id))))
  }

  #close({ connection: id, closeCode, reason, mayRedial }: Extract<Output<Uint8Array>, { type: 'close' }>): void {
    const entry = this.#connections.get(id)
    if (entry === undefined) return
    entry.mayRedial = mayRedial
    entry.outbox.close(closeCode, reason)
  }

  async #loadClip(clip: ClipId, from: ClipOrigin): Promise<void> {
    const { openSource } = this.#options
    const options = { openSource, sampleRate: defaultPacing.sampleRate, channels, timeoutMs: openTimeoutMs }
    await loadClip(from, options).then(
      (block) => this.#input({ type: 'clipReady', clip, block }),
      (error: Error) => this.#input({ type: 'clipFailed', clip, reason: error.message }),
    )
  }

  async #createEncoder(encoding: EncodingId, format: AudioFormat): Promise<void> {
    const fail = (error: Error): undefined => {
      this.#input({ type: 'encoderFailed', encoding, format, reason: error.message })
    }
    const encoder = await createEncoder(format, this.#options.encoder).catch(fail)
    if (encoder === undefined) return
    // A broken encoder is found out in the midst of encoding, which must be over before it is reported.
    const packetizer = new Packetizer(encoder, defaultPacing.sampleRate, (error) => setImmediate(fail, error))
    this.#input({ type: 'encoderReady', encoding, encoder: packetizer })
  }

  /** How a new connection meets the coordinator; `ended` is told whether the client may be dialled again. */
  #attach(ended: (mayRedial: boolean) => void): Attach<ServerUs> {
    const { appMessages } = this.#options
    const schemas = { ...appMessages, ...telemetrySchemas, ...clientSchemas } as MessageSchemas<ClientMessage>
    const codec = new CleartextCodec<ClientMessage, SaidMessage>(schemas, { acceptsMedia: false })
    const rules = { codec, from: 'client', limits: limitsForClients, clock: this.#clock, timers: this.#timers } as const
    const parts = { clock: this.#clock, timers: this.#timers, turns: this.#turns }
    return guardConnection<ClientMessage, SaidMessage, ServerUs>((connection) => {
      const id = ++this.#lastId
      const outbox = new ClientOutbox(connection, parts, (isCongested) => {
        this.#input({ type: 'congestion', connection: id, isCongested })
      })
      this.#connections.set(id, { outbox, mayRedial: true })
      return {
        opened: () => this.#input({ type: 'connected', connection: id }),
        received: (item, at) => {
          if (item.kind === 'message') this.#receive(id, item.message, at)
        },
        refused: (refusal) => this.#reportRefusal(refusal),
        closed: () => {
          const mayRedial = this.#connections.get(id)?.mayRedial ?? true
          this.#connections.delete(id)
          outbox.dropAudio()
          this.#input({ type: 'disconnected', connection: id })
          ended(mayRedial)
        },
      }
    }, rules)
  }

  #receive(connection: ConnectionId, message: ClientMessage, at: ServerUs): void {
    if (Object.hasOwn(clientSchemas, message.type)) this.#tell({ type: 'message', connection, message }, at)
    else this.#tell({ type: 'appMessage', connection, message }, at)
  }

  #connect(url: string, ended: (mayRedial: boolean) => void): { close(): void } {
    const transport = connectWebSocket(url, this.#attach(ended), this.#socketOptions())
    return { close: () => transport.close(goingAway, 'the server stops') }
  }

  #discover(serverId: string, name: string): void {
    const clock = new MonotonicClock<LocalUs>()
    const timers: Timers<LocalUs> = new MonotonicTimers(clock as Clock<LocalUs>, { keepsProcessAlive: false })
    const multicast = { clock, timers, onProblem: this.#options.onProblem }
    const what = { kind: 'server', id: serverId, name, port: this.port, path: this.#options.path } as const
    const advertisement = advertise(what, multicast)
    const listener = {
      found: (service: { id: string; url: string }) => this.#dialer.found(service.id, service.url),
      lost: (id: string) => this.#dialer.lost(id),
    }
    const discovery = new Discovery('player', listener, multicast)
    this.#closers.push(
      () => advertisement.close(),
      () => discovery.close(),
    )
  }

  #reportRefusal({ code, detail, conduct }: Refusal): void {
    if (conduct.action !== 'ignore') this.#options.onProblem(`a client broke the protocol (${code}): ${detail}`)
  }

  #socketOptions() {
    return {
      clock: this.#clock,
      timers: this.#timers,
      maxFrameBytes: 3 * limitsForClients.textLength, // UTF-8 needs up to three bytes for a UTF-16 unit
      maxBufferedBytes,
      heartbeatUs: defaultHeartbeatUs,
    }
  }
}
