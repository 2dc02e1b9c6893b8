/**
 * `_tutti_telemetry@v1`: a player of ours tells the server how it is doing, about once a second. An application's own
 * role (Sendspin, "Application-specific roles"): players and servers of other makes never notice.
 */
import * as v from 'valibot'
import { type ChannelMode, channelModes } from './channel-role.js'
import { count, numberBetween } from './field-schema.js'
import type { Role } from './role.js'

export const telemetryRole = '_tutti_telemetry@v1' satisfies Role

export const reportStates = ['idle', 'waiting', 'playing', 'starved'] as const
/** idle: nothing to play. waiting: the next audio is not due yet. playing. starved: due audio has not arrived. */
export type ReportState = (typeof reportStates)[number]

export interface TelemetryReport {
  readonly state: ReportState
  /** How far playback lags its schedule as the player itself sees it, µs. */
  readonly late_us: number
  /** How wrong it may be about the server's clock, µs either way, even if a clock is slewed; left out before the first exchange. */
  readonly error_bound_us?: number
  /** Correction applied to the device's nominal rate, ppm. */
  readonly correction_ppm: number
  /** Speed of the server's clock against the player's, ppm. */
  readonly drift_ppm?: number
  /** Of the last clock exchange, µs. */
  readonly round_trip_us?: number
  /** Audio at hand, encoded and decoded, ms. */
  readonly buffered_ms: number
  /** Since the player started: times due audio was missing, underruns of the device, re-positionings. */
  readonly starvations: number
  readonly underruns: number
  readonly jumps: number
  readonly channel: ChannelMode
  /** Name of the sound card, for people. */
  readonly output?: string
}

export interface TelemetryMessage {
  readonly type: 'client/_tutti_telemetry'
  readonly payload: TelemetryReport
}

/** A day either way: beyond that a figure says nothing. */
const microseconds = numberBetween(-86_400e6, 86_400e6)
const microsecondsUp = numberBetween(0, 86_400e6)
const ppm = numberBetween(-1e6, 1e6)

export const telemetrySchemas = {
  'client/_tutti_telemetry': v.object({
    state: v.picklist(reportStates),
    late_us: microseconds,
    error_bound_us: v.exactOptional(microsecondsUp),
    correction_ppm: ppm,
    drift_ppm: v.exactOptional(ppm),
    round_trip_us: v.exactOptional(microsecondsUp),
    buffered_ms: numberBetween(0, 86_400e3),
    starvations: count,
    underruns: count,
    jumps: count,
    channel: v.picklist(channelModes),
    output: v.exactOptional(v.pipe(v.string(), v.maxLength(256))),
  }),
}
