/** A coordinator with the world attached: clients, discovery, decoders, encoders, control API, state on disk. */
import type { IncomingMessage } from 'node:http'
import { type Random, type ServerUs, shift } from '@tutti/clock'
import { createEncoder } from '@tutti/codec/node'
import { type AudioFormat, drive, type TelemetryMessage, type TelemetryReport } from '@tutti/protocol'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import type { Command } from '../command.js'
import { defaultPacing } from '../config.js'
import type { Coordinator } from '../coordinator.js'
import type { ServerEvent } from '../event.js'
import type { ClipId, EncodingId, Input } from '../input.js'
import type { ClipOrigin, CommandResult, Output } from '../output.js'
import { Packetizer } from '../packetizer.js'
import type { ServerStatus } from '../status.js'
import { type Reading, type RoomHistory, TelemetryHistory, type TelemetrySpan } from '../telemetry-history.js'
import { ClientConnections } from './client-connections.js'
import { loadClip } from './clip-loader.js'
import { ControlApi } from './control-api.js'
import { CommandProblem, type Controls } from './controls.js'
import { Dialer } from './dialer.js'
import { Doorkeeper } from './doorkeeper.js'
import { HouseServer, ownNames } from './house-server.js'
import { MusicFolders } from './music-folders.js'
import { PageFiles } from './page-files.js'
import { PlayerDiscovery } from './player-discovery.js'
import { isForeignPage } from './request-guard.js'
import type { ControlOptions, ServeOptions } from './serve-options.js'
import { expandTrack } from './source/playlist-file.js'
import { SourceProblem } from './source/source-problem.js'
import type { StateStore } from './state-store.js'
import { TagReader } from './tag-reader.js'
import { TrackFeeder } from './track-feeder.js'

export interface RunningServer extends Controls {
  readonly port: number
  /** Says goodbye to everyone and keeps the state; resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface LiveServerParts {
  readonly coordinator: Coordinator<AudioBuffer, Uint8Array>
  readonly store: StateStore
  /** Of the programme. */
  readonly channels: number
  readonly random: Random
}

const openTimeoutMs = 30_000
/** Rooms that were forgotten take their past along, after so long. */
const tidyTelemetryUs = 60e6
/** Of this package, for people. */
const version = '0.1.0'

export class LiveServer implements RunningServer {
  readonly #options: ServeOptions
  readonly #parts: LiveServerParts
  readonly #clock = new MonotonicClock<ServerUs>()
  readonly #timers = new MonotonicTimers<ServerUs>(this.#clock)
  readonly #clients: ClientConnections
  readonly #feeder: TrackFeeder
  readonly #tagReader = new TagReader((facts) => this.#input({ type: 'tracksRead', facts }))
  readonly #dialer: Dialer
  readonly #tell: (input: Input<AudioBuffer, Uint8Array>, at: ServerUs) => void
  readonly #listeners = new Set<(event: ServerEvent) => void>()
  readonly #requests = new Map<number, (answer: Extract<Output<Uint8Array>, { type: 'answer' }>) => void>()
  readonly #closers: (() => Promise<void>)[] = []
  #lastRequest = 0
  #isStopping = false
  readonly #telemetry = new TelemetryHistory()
  #tidyTelemetryAt = 0 as ServerUs
  port = 0

  constructor(options: ServeOptions, parts: LiveServerParts) {
    this.#options = options
    this.#parts = parts
    const { openSource, appMessages, onProblem } = options
    const { coordinator, channels, random } = parts
    const [clock, timers] = [this.#clock, this.#timers]
    this.#feeder = new TrackFeeder({
      openSource,
      sampleRate: defaultPacing.sampleRate,
      channels,
      openTimeoutMs,
      tell: (input) => this.#input(input),
    })
    this.#clients = new ClientConnections({
      clock,
      timers,
      appMessages,
      onProblem,
      tell: (input, at) => this.#tell(input, at),
    })
    this.#dialer = new Dialer({ clock, timers, random, connect: (url, ended) => this.#clients.connect(url, ended) })
    this.#tell = drive(coordinator, { clock, timers }, (output) => this.#perform(output))
  }

  async start(serverId: string): Promise<void> {
    const { host, port, path, control, discovers, players, name, onProblem } = this.#options
    const names = control?.names ?? []
    const permits = ({ headers }: IncomingMessage): boolean => !isForeignPage(headers, ownNames(names))
    const http = new HouseServer({
      players: { path, acceptor: this.#clients.acceptor(permits) },
      control: control && (await this.#control(control)),
      names,
      onProblem,
    })
    this.port = await http.listen(host, port)
    this.#closers.push(() => http.close())
    for (const url of players) this.#dialer.found(url, url)
    if (!discovers) return
    const server = { id: serverId, name, port: this.port, path }
    const discovery = new PlayerDiscovery({ server, dialer: this.#dialer, onProblem })
    this.#closers.push(() => discovery.close())
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    const { store, coordinator } = this.#parts
    store.save(() => coordinator.state(this.#clock.now()))
    await store.flush()
    this.#dialer.stop()
    this.#clients.close()
    const { groups } = this.status()
    for (const { id } of groups) this.#input({ type: 'command', request: 0, command: { command: 'stop', group: id } })
    await Promise.all([this.#feeder.stop(), this.#tagReader.stop(), ...this.#closers.map((close) => close())])
  }

  readings(): readonly Reading[] {
    return this.#telemetry.latest
  }

  past(span: TelemetrySpan): readonly RoomHistory[] {
    return this.#telemetry.past(span)
  }

  status(): ServerStatus {
    return this.#parts.coordinator.snapshot(this.#clock.now())
  }

  async command(command: Command): Promise<CommandResult> {
    if (command.command !== 'addTracks') return this.#ask(command)
    const tracks = await expand(command.tracks)
    const result = await this.#ask({ ...command, tracks })
    this.#tagReader.read((result.entries ?? []).map((entry, index) => ({ entry, location: tracks[index]!.location })))
    return result
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #ask(command: Command): Promise<CommandResult> {
    const request = ++this.#lastRequest
    return new Promise((resolve, reject) => {
      this.#requests.set(request, ({ problem, result }) => {
        if (problem === undefined) resolve(result ?? {})
        else reject(new CommandProblem(problem))
      })
      this.#input({ type: 'command', request, command })
    })
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
        if (!this.#isStopping) this.#parts.store.save(() => this.#parts.coordinator.state(this.#clock.now()))
        break
      case 'answer':
        this.#requests.get(output.request)?.(output)
        this.#requests.delete(output.request)
        break
      case 'event':
        // In a turn of its own: a listener may give a command, and the outputs after this one come first.
        queueMicrotask(() => this.#announce(output.event))
        break
      default:
        this.#clients.perform(output)
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

  async #loadClip(clip: ClipId, from: ClipOrigin): Promise<void> {
    const { openSource, voice } = this.#options
    const { channels } = this.#parts
    const options = { openSource, sampleRate: defaultPacing.sampleRate, channels, timeoutMs: openTimeoutMs, voice }
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
