/** What one device period plays, in positions only; a renderer executes it, a simulation just notes it. */
import type { Period } from './audio-output.js'
import type { PlayoutControl } from './control.js'

/** A run of device frames that plays media at a smoothly changing rate and gain. */
export interface Segment {
  /** First device frame of the run, counted from the start of the period. */
  offset: number
  /** Device frames in the run. */
  frames: number
  /** Media position of its first device frame; fractional, because the rate is. */
  startFrame: number
  /** Media frames per device frame at its first frame, and just past its last; linear between. */
  startRatio: number
  endRatio: number
  /** Gain at its first frame, and just past its last; linear between. 1 except in fades. */
  startGain: number
  endGain: number
}

/** Device frames that no segment covers are silent. Segments are in order and do not overlap. */
export interface Plan {
  /** Valid entries in `segments`; the array itself is reused from period to period. */
  count: number
  readonly segments: readonly Segment[]
}

/** Executes plans. Called once a period from the audio thread: it never allocates, waits or throws. */
export interface PlanRenderer {
  render(plan: Plan, period: Period, channels: readonly Float32Array[], control: PlayoutControl): void
}
