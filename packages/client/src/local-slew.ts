/**
 * By how much the local clock has been slewed, as the sound card shows it.
 *
 * NTP corrects a computer's clock by letting it run up to 500 ppm faster or slower for a while, the monotonic one as well
 * (adjtimex(2)). A card's crystal does not take part. *Steady time* is what the local clock would read had nobody slewed
 * it: rooms keep their view of the server's clock, and the line along which they play, in steady time.
 */
import type { LocalUs } from '@tutti/clock'

/** A straight line; from the audio thread to the session. */
export interface LocalSlew {
  /** Slews noticed since the audio thread began, when there had been none. */
  readonly count: number
  readonly at: LocalUs
  /** How far the local clock is ahead of steady time at `at`, µs. */
  readonly us: number
  /** How much faster than steady time it runs, ppm. */
  readonly ppm: number
}

export const noSlew: LocalSlew = { count: 0, at: 0 as LocalUs, us: 0, ppm: 0 }

/** How far the local clock is ahead of steady time when it reads `local`, µs. */
export function slewedUs(slew: LocalSlew, local: LocalUs): number {
  return slew.us + (local - slew.at) * slew.ppm * 1e-6
}
