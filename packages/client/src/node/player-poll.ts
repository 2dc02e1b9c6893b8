/**
 * What a player has to look for, because nobody tells it: the audio thread's reports, and whether the machine has slept.
 * Every look costs waking up, which is most of what a room costs, so it looks seldom while nothing can happen soon.
 */
import { type Clock, shift, type Timers } from '@tutti/clock'
import type { Telemetry } from '../telemetry.js'

const usualUs = 50_000
/** While more than `amplyUs` is decoded, which lasts for two looks. */
const seldomUs = 250_000
const amplyUs = 500_000
/** A look that comes so much late, or a wall clock that moved so much more than ours: we have slept. */
const sleptUs = 3_000_000

export interface PollParts {
  readonly clock: Clock
  readonly timers: Timers
  /** The time of day, µs: it goes on while the machine sleeps and its monotonic clock stands still. */
  readonly wallUs: () => number
  /** What the audio thread has said since it was last asked; undefined when that is nothing. */
  readonly takeTelemetry: () => Telemetry | undefined
  readonly onTelemetry: (telemetry: Telemetry) => void
  readonly onWoke: () => void
}

/** Looks at once, and until the returned function is called. */
export function startPolling({ clock, timers, wallUs, takeTelemetry, onTelemetry, onWoke }: PollParts): () => void {
  let dueAt = clock.now()
  let wallAheadUs = wallUs() - dueAt
  let cancel: () => void
  const look = (): void => {
    const now = clock.now()
    const aheadUs = wallUs() - now
    if (now - dueAt > sleptUs || Math.abs(aheadUs - wallAheadUs) > sleptUs) onWoke()
    wallAheadUs = aheadUs
    const telemetry = takeTelemetry()
    if (telemetry) onTelemetry(telemetry)
    dueAt = shift(now, isAmple(telemetry) ? seldomUs : usualUs)
    cancel = timers.wakeAt(dueAt, look)
  }
  cancel = timers.wakeAt(dueAt, look)
  return () => cancel()
}

function isAmple(telemetry: Telemetry | undefined): boolean {
  return telemetry?.state === 'playing' && telemetry.bufferedUs > amplyUs
}
