/** What a simulated house sounded like, in figures. */
import type { Percentiles } from './distribution.js'
import type { LinkPreset } from './link-presets.js'
import type { SeriesPoint } from './spread-series.js'

export interface Report {
  readonly rooms: number
  readonly hours: number
  readonly seed: number
  readonly network: LinkPreset
  /** Distance from the earliest to the latest room heard at the same instant, from ten seconds after all were first heard. */
  readonly spreadUs: Percentiles
  /** Of each room, against the instant the server meant. */
  readonly perRoomErrorUs: readonly RoomError[]
  /** Times a sound card ran dry, all rooms together. */
  readonly underruns: number
  /** Times audio that was due had not arrived. */
  readonly starvations: number
  /** Silences within the music, and the longest of them in seconds. */
  readonly gaps: number
  readonly longestGapS: number
  /** Steps of more than a quarter of a millisecond against the schedule. */
  readonly jumps: number
  /** From the first sound until the rooms were in step for good, or until the end if they never were; seconds. */
  readonly settleS: number
  /** True time since when the rooms have been in step, in seconds; undefined if they are not at the end. */
  readonly inStepSinceS: number | undefined
  /** Events the simulation ran through. */
  readonly events: number
  /** For plots. */
  readonly spreadOverTime: readonly SeriesPoint[]
  readonly spreadHistogram: readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

export interface RoomError extends Percentiles {
  /** Positive: late on average. */
  readonly meanLateUs: number
}
