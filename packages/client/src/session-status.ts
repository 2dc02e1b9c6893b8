/** What a player tells people about itself: one flat record for tables, JSON and events. */
import type { LocalUs } from '@tutti/clock'
import { type AudioFormat, formatKey, type Metadata } from '@tutti/protocol'
import type { ChannelMode } from './control.js'
import type { SessionAudio } from './session-audio.js'
import type { SessionServer } from './session-server.js'
import type { PlayerSettings } from './session-settings.js'
import type { SessionState } from './session-states.js'
import type { PlayoutState, Telemetry } from './telemetry.js'

export interface PlayerStatus {
  readonly name: string
  readonly state: SessionState
  /** The connected server's id and name. */
  readonly serverId: string | undefined
  readonly server: string | undefined
  readonly group: string | undefined
  readonly title: string | undefined
  readonly artist: string | undefined
  /** For example `opus/48000/2/16`; undefined before the first stream. */
  readonly format: string | undefined
  readonly volume: number
  readonly muted: boolean
  readonly outputDelayMs: number
  readonly channelMode: ChannelMode

  /** What the audio thread does. */
  readonly playout: PlayoutState
  /** How far playback lags its schedule as the player sees it, µs. */
  readonly lateUs: number
  /**
   * How wrong the player may be about the server's clock, µs either way, even if this clock or the server's is slewed at this moment;
   * undefined before the first exchange.
   */
  readonly clockErrorBoundUs: number | undefined
  /**
   * How far from the server's intent the room may be heard, µs either way, as far as the device tells the truth: how far playback
   * lags, and how wrong the clock may be.
   */
  readonly heardOffsetErrorBoundUs: number | undefined
  /** Correction applied to the device's nominal rate, ppm. */
  readonly ppm: number
  /** Speed of the device's crystal against our clock, ppm. */
  readonly devicePpm: number
  /** Speed of the server's clock against ours, ppm. */
  readonly driftPpm: number | undefined
  /** Of the last exchange, µs. */
  readonly roundTripUs: number | undefined
  /** Encoded and decoded audio at hand, ms. */
  readonly bufferedMs: number

  readonly starvations: number
  readonly underruns: number
  readonly jumps: number
  readonly bytesReceived: number
  /** Chunks by what became of them. */
  readonly chunks: {
    readonly decoded: number
    readonly late: number
    readonly duplicate: number
    readonly overlapping: number
    readonly undecodable: number
    readonly refused: number
  }
  readonly holes: number
  readonly connections: number
}

/** Something happened that a person or a log may want to know. */
export type PlayerEvent =
  | { readonly type: 'state'; readonly state: SessionState; readonly was: SessionState }
  | { readonly type: 'server'; readonly id: string; readonly name: string }
  | { readonly type: 'format'; readonly format: AudioFormat }
  | { readonly type: 'metadata'; readonly metadata: Readonly<Partial<Metadata>> }
  | { readonly type: 'volume'; readonly volume: number; readonly muted: boolean }
  /** One line that says what is wrong and what to do. */
  | { readonly type: 'problem'; readonly text: string }

/** Where the record comes from. */
interface Sources {
  readonly name: string
  readonly state: SessionState
  readonly server: Pick<SessionServer, 'id' | 'name' | 'groupName' | 'metadata' | 'clock'> | undefined
  readonly settings: PlayerSettings
  readonly telemetry: Telemetry | undefined
  readonly audio: Pick<
    SessionAudio<unknown, { readonly length: number }>,
    'buffer' | 'counts' | 'format' | 'bytesReceived' | 'oversized'
  >
  readonly connections: number
  readonly at: LocalUs
}

export function describePlayer(sources: Sources): PlayerStatus {
  const { server, settings, telemetry, at } = sources
  const { buffer, counts, format, bytesReceived, oversized } = sources.audio
  const estimate = server?.clock.estimate
  const clockErrorBoundUs = server?.clock.slewedErrorBoundUs(at)
  const lateUs = telemetry?.lateUs ?? 0
  return {
    name: sources.name,
    state: sources.state,
    serverId: server?.id,
    server: server?.name,
    group: server?.groupName,
    title: server?.metadata.title ?? undefined,
    artist: server?.metadata.artist ?? undefined,
    format: format && formatKey(format),
    volume: settings.volume,
    muted: settings.muted,
    outputDelayMs: settings.outputDelayMs,
    channelMode: settings.channelMode,
    playout: telemetry?.state ?? 'idle',
    lateUs,
    clockErrorBoundUs,
    heardOffsetErrorBoundUs: clockErrorBoundUs === undefined ? undefined : clockErrorBoundUs + Math.abs(lateUs),
    ppm: telemetry?.ppm ?? 0,
    devicePpm: telemetry?.devicePpm ?? 0,
    driftPpm: estimate?.driftPpm,
    roundTripUs: server?.clock.roundTripUs,
    bufferedMs: (buffer.spanUs + (telemetry?.bufferedUs ?? 0)) / 1000,
    starvations: telemetry?.starvations ?? 0,
    underruns: telemetry?.underruns ?? 0,
    jumps: telemetry?.jumps ?? 0,
    bytesReceived,
    chunks: {
      decoded: counts.decoded,
      late: buffer.count('late') + counts.skipped,
      duplicate: buffer.count('duplicate'),
      overlapping: counts.overlaps,
      undecodable: counts.undecodable,
      refused: buffer.count('early') + buffer.count('overflowed') + oversized,
    },
    holes: counts.holes,
    connections: sources.connections,
  }
}
