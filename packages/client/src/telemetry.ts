/** What the audio thread tells the session, once a period. */
import type { LocalUs, ServerUs } from '@tutti/clock'
import { type LocalSlew, noSlew } from './local-slew.js'

export const playoutStates = ['idle', 'waiting', 'playing', 'starved'] as const
/** idle: nothing to play. waiting: the next audio is not due yet. playing. starved: due audio has not arrived. */
export type PlayoutState = (typeof playoutStates)[number]

export interface Telemetry {
  readonly state: PlayoutState
  /** How far playback lags its schedule as the player itself sees it, in µs. */
  readonly lateUs: number
  /** Correction applied: how much faster than the device's nominal rate media is consumed, in ppm. */
  readonly ppm: number
  /** Speed of the device's crystal against the local clock as estimated, in ppm. */
  readonly devicePpm: number
  /** Decoded audio ahead of the playhead, in µs. */
  readonly bufferedUs: number
  /** Times due audio was missing. */
  readonly starvations: number
  /** Underruns the device reported. */
  readonly underruns: number
  /** Re-positionings after the first start of an epoch. */
  readonly jumps: number
  /** Server time of the media heard at local time `heardAt`; NaN when silent. */
  readonly heardServerAt: ServerUs
  readonly heardAt: LocalUs
  /** For how long the device can put off a period whose media is late, in µs. */
  readonly slackUs: number
  /** By how much the local clock has been slewed, as the device shows it. */
  readonly slew: LocalSlew
  /** Media frame the next period starts at: everything before it may be overwritten. */
  readonly playheadFrame: number
}

/** Of an audio thread that has done nothing yet. */
export const idleTelemetry: Telemetry = {
  state: 'idle',
  lateUs: 0,
  ppm: 0,
  devicePpm: 0,
  bufferedUs: 0,
  starvations: 0,
  underruns: 0,
  jumps: 0,
  heardServerAt: Number.NaN as ServerUs,
  heardAt: 0 as LocalUs,
  slackUs: 0,
  slew: noSlew,
  playheadFrame: 0,
}
