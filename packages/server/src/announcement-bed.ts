/** Silence for an announcement to be heard over, where there is no music or no more. */
import { type ServerUs, shift } from '@tutti/clock'
import type { Block } from './block.js'
import type { Programme } from './programme.js'
import { frameAtTime } from './timeline.js'

/** Kept at hand beyond what has to be sent; no more, because music that is begun meanwhile follows it. */
const aheadUs = 500_000

/** Begins a programme with silence. */
export function layBed<B extends Block>(programme: Programme<B>): void {
  programme.appendSilence(Math.round((aheadUs * programme.sampleRate) / 1e6))
}

/** Goes on with silence, where less than `neededUs` from `at` on is there. */
export function extendBed<B extends Block>(programme: Programme<B>, at: ServerUs, neededUs: number): void {
  const { timeline } = programme
  if (timeline === undefined) return
  const missing = Math.ceil(frameAtTime(timeline, shift(at, neededUs + aheadUs)) - programme.endFrame)
  if (missing > 0) programme.appendSilence(missing)
}
