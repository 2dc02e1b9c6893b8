/** A room that plays along: everything a `Player` needs from a machine, put together. */
import type { LocalUs } from '@tutti/clock'
import { createDecoder } from '@tutti/codec'
import { drive, type GoodbyeReason } from '@tutti/protocol'
import { MonotonicTimers } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { createAudioPlayer } from '../audio-player.js'
import { MediaRing } from '../media-ring.js'
import type { PlayerConfig } from '../player-config.js'
import { PlayerLinks } from '../player-links.js'
import type { PlayerInput, PlayerOutput } from '../player-ports.js'
import { type PlayerSettings, type SoundSettings, settingsDefaults } from '../session-settings.js'
import type { PlayerEvent, PlayerStatus } from '../session-status.js'
import { type Hearing, startAudioThread } from './audio-thread.js'
import { type ClockSkew, LocalClock, noSkew } from './local-clock.js'
import { type OutputFormat, type OutputSpec, outputName } from './outputs/open-output.js'
import { type ConnectionSpec, openConnector } from './player-connector.js'
import { startPolling } from './player-poll.js'
import { PlayerSound } from './player-sound.js'
import { SettingsFile } from './settings.js'

export interface RoomConfig {
  readonly player: PlayerConfig
  readonly connection: ConnectionSpec
  readonly output: OutputSpec
  readonly outputFormat: OutputFormat
  /** Where to keep the settings (`settingsPath`); undefined keeps them for as long as the room plays along. */
  readonly settingsPath: string | undefined
  /** Settings to begin with instead of the stored ones. */
  readonly settings: Partial<SoundSettings>
  /** A crystal that differs from the machine's, for demonstrations. */
  readonly skew: ClockSkew
}

export const roomDefaults: Omit<RoomConfig, 'player'> = {
  connection: { kind: 'discover' },
  output: { kind: 'null' },
  outputFormat: { sampleRate: 48_000, channels: 2 },
  settingsPath: undefined,
  settings: {},
  skew: noSkew,
}

export interface Room {
  /** The port servers dial; undefined where the player dials. */
  readonly port: number | undefined
  status(): PlayerStatus
  set(settings: Partial<SoundSettings>): void
  /** What was truly heard when; only outputs without real hardware can tell. */
  hearing(): Hearing | undefined
  /** Calls `listener` for every event until the returned function is called. */
  on(listener: (event: PlayerEvent) => void): () => void
  /** Says goodbye, fades out and frees everything. Safe to call twice. */
  stop(reason?: GoodbyeReason): Promise<void>
}

/** Decoded audio the ring holds: what is ahead, what a cleared epoch leaves until it is faded out, and slack. */
const ringS = 4

/**
 * @throws OutputError if the output cannot be opened
 * @throws Error if the port to listen on cannot be had
 */
export async function joinRoom(config: RoomConfig, onEvent?: (event: PlayerEvent) => void): Promise<Room> {
  const listeners = new Set<(event: PlayerEvent) => void>(onEvent ? [onEvent] : [])
  const tell = (event: PlayerEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const onProblem = (text: string): void => tell({ type: 'problem', text })

  const clock = new LocalClock(config.skew)
  const timers = new MonotonicTimers(clock)
  const choreTimers = new MonotonicTimers(clock, { keepsProcessAlive: false })
  const device = outputName(config.output)
  const file = config.settingsPath === undefined ? undefined : new SettingsFile(config.settingsPath, device, onProblem)
  const stored: PlayerSettings = (await file?.load()) ?? settingsDefaults

  const highestRate = Math.max(...config.player.formats.map(({ sampleRate }) => sampleRate))
  const media = MediaRing.allocate(ringS * highestRate)
  const setup = {
    output: config.output,
    format: config.outputFormat,
    media,
    highestMediaRate: highestRate,
    skew: config.skew,
  }
  const sound = await PlayerSound.start(setup, { clock, timers, startThread: startAudioThread, onProblem })

  const parts = {
    connect: config.connection.kind === 'listen' ? 'listen' : 'dial',
    settings: { ...stored, ...config.settings },
    output: device,
    media,
  } as const
  const player = createAudioPlayer(config.player, parts, { uniform: () => Math.random() })

  let feed: (input: PlayerInput<Uint8Array, AudioBuffer>, at: LocalUs) => void = () => {}
  const links = new PlayerLinks({ clock, timers }, (input, at) => feed(input, at), onProblem)
  const connector = await openConnector(config.connection, {
    clock,
    timers,
    choreTimers,
    attach: links.attach,
    clientId: config.player.clientId,
    name: config.player.name,
    preferredServer: () => player.settings.lastServerId,
    onProblem,
  }).catch(async (error: unknown) => {
    await sound.stop()
    throw error
  })

  const openDecoder = async ({ stream, format, codecHeader }: Output<'openDecoder'>): Promise<void> => {
    const decoder = await createDecoder(format, codecHeader).catch((error: Error) => error.message)
    feed({ type: 'decoder', stream, decoder }, clock.now())
  }
  const perform = (output: PlayerOutput): void => {
    switch (output.type) {
      case 'dial':
        connector.dial()
        break
      case 'stopDialling':
        connector.stopDialling()
        break
      case 'send':
        links.send(output.link, output.message)
        break
      case 'probe': {
        const at = links.probe(output.link)
        if (at !== undefined) feed({ type: 'probeSent' }, at)
        break
      }
      case 'hangUp':
        links.hangUp(output.link, output.reason)
        break
      case 'control':
        sound.control(output.control)
        break
      case 'openDecoder':
        void openDecoder(output)
        break
      case 'save':
        file?.save(output.settings)
        break
      case 'event':
        tell(output.event)
        break
    }
  }
  feed = drive(player, { clock, timers }, perform)
  const stopPolling = startPolling({
    clock,
    timers,
    wallUs: () => Date.now() * 1000,
    takeTelemetry: () => sound.takeTelemetry(),
    onTelemetry: (telemetry) => feed({ type: 'telemetry', telemetry }, clock.now()),
    onWoke: () => feed({ type: 'woke' }, clock.now()),
  })

  let stopping: Promise<void> | undefined
  const stop = async (reason: GoodbyeReason): Promise<void> => {
    feed({ type: 'stop', reason }, clock.now())
    stopPolling()
    await Promise.all([connector.close(), sound.fadeAndStop()])
    await file?.flush()
  }
  return {
    port: connector.port,
    status: () => player.status(clock.now()),
    set: (settings) => feed({ type: 'set', settings }, clock.now()),
    hearing: () => sound.hearing(),
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: (reason = 'user_request') => {
      stopping ??= stop(reason)
      return stopping
    },
  }
}

type Output<Type extends PlayerOutput['type']> = Extract<PlayerOutput, { readonly type: Type }>
