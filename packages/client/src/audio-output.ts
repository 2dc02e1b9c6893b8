/** A device that plays audio at its own pace. The device pulls; nobody pushes. */
import type { LocalUs } from '@tutti/clock'

/** One stretch of audio the device is about to play. */
export interface Period {
  readonly frames: number
  /** When the device believes the first of these frames will leave the speaker. Raw: filtering is the player's work. */
  readonly heardAt: LocalUs
  /** How many frames, taken to last as long as they nominally do, that was counted on from a reading of the device; may be fractional. */
  readonly queuedFrames: number
  /** True for the first period after a start, an underrun or a suspend: earlier periods say nothing about this one. */
  readonly restarted: boolean
  /** True where `heardAt` is known to be as late as the device's last burst is old, or right, but never early. Not told: unknown. */
  readonly isNeverEarly?: boolean
  /** For how long the device could put off a period that there is too little media for, µs. Not told: not at all. */
  readonly slackUs?: number
}

/** Fills one Float32Array of `period.frames` per channel. It never allocates, waits or throws. */
export type RenderPeriod = (period: Period, channels: readonly Float32Array[]) => void

/** Whether a period of `frames` could not be filled whole now. It never allocates, waits or throws. */
export type LacksMedia = (frames: number) => boolean

export interface AudioOutput {
  /** Hertz, nominal; the crystal differs. */
  readonly sampleRate: number
  readonly channels: number
  /** Frames asked for at a time, at most. */
  readonly maxPeriodFrames: number
  /** Starts pulling, until `stop`. Errors after a successful start arrive through `onFailure`, once. */
  start(render: RenderPeriod, onFailure: (error: Error) => void): void
  /** Has the device hold about `queueMs` from now on instead of as much as it can, where that can be chosen. */
  hold?(queueMs: number): void
  /** Has a device that holds enough for the moment put a period off while `lacks` says that there is too little to fill it with. */
  putOff?(lacks: LacksMedia): void
  /** Plays out nothing more; resolves when the device is closed. Safe to call twice. */
  stop(): Promise<void>
  /** Underruns since start. */
  readonly underruns: number
}
