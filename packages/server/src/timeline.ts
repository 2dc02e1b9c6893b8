/**
 * Ties the frames of a programme to the server's clock: frame `originFrame` is heard at `originAt`, every other one
 * exactly its distance in samples away.
 *
 * A timestamp is always reckoned from the origin, never from the one before: adding up rounded durations drifts by
 * more than a second an hour at 44.1 kHz, where no packet lasts a whole number of microseconds.
 */
import type { ServerUs } from '@tutti/clock'

export interface Timeline {
  /** Hertz. */
  readonly sampleRate: number
  readonly originFrame: number
  /** Whole microseconds. */
  readonly originAt: ServerUs
}

/** When `frame` is heard, rounded once to whole microseconds; right for as many days as a double counts frames. */
export function timeOfFrame({ sampleRate, originFrame, originAt }: Timeline, frame: number): ServerUs {
  const frames = frame - originFrame
  const seconds = Math.floor(frames / sampleRate) // whole seconds apart: frames * 1e6 would pass 2^53 in two days
  return (originAt + seconds * 1e6 + Math.round(((frames - seconds * sampleRate) * 1e6) / sampleRate)) as ServerUs
}

/** The last frame whose time has come at `at`; may lie before the origin. */
export function frameAtTime({ sampleRate, originFrame, originAt }: Timeline, at: ServerUs): number {
  const us = at - originAt
  const seconds = Math.floor(us / 1e6)
  // Half a microsecond more undoes the rounding above, so that the frame of a frame's own time is that frame.
  return originFrame + seconds * sampleRate + Math.floor(((us - seconds * 1e6 + 0.5) * sampleRate) / 1e6)
}
