/**
 * How far apart rooms are heard, from what they were heard to play at the same instants: cross-correlation of the
 * samples themselves, so nothing a player believes about itself enters into it.
 */
import { findPattern, slopeCentroid } from './correlation.js'
import { type HeardWindow, windowFrames } from './heard-window.js'

export interface Comparison {
  /** Instant of the machine's clock, µs. */
  readonly atUs: number
  /** How much later than the group (the median of the rooms) each room is heard, µs, by its name. */
  readonly offsetsUs: ReadonlyMap<string, number>
  /** From the earliest room to the latest, µs; undefined unless every room was heard. */
  readonly spreadUs: number | undefined
}

/** How far apart rooms may be and still be measured: either way, in samples. */
const reach = 2_400
const patternFrames = windowFrames - 2 * reach
/** Less alike than this, and a room is playing something else. */
const leastCorrelation = 0.7
/** Windows wait for those of other rooms, but not for ever. */
const patienceUs = 1_500_000

export class RoomComparison {
  readonly #rooms: readonly string[]
  readonly #waiting = new Map<number, Map<string, HeardWindow>>()

  constructor(rooms: readonly string[]) {
    this.#rooms = rooms
  }

  /** Takes a room's window; returns the comparisons that need wait no longer. */
  add(room: string, window: HeardWindow): readonly Comparison[] {
    const windows = this.#waiting.get(window.dueAtUs) ?? new Map<string, HeardWindow>()
    windows.set(room, window)
    this.#waiting.set(window.dueAtUs, windows)
    const ready = [...this.#waiting].filter(
      ([dueAtUs, { size }]) => size === this.#rooms.length || dueAtUs < window.dueAtUs - patienceUs,
    )
    for (const [dueAtUs] of ready) this.#waiting.delete(dueAtUs)
    return ready.map(([atUs, heard]) => compareRooms(atUs, heard, this.#rooms.length))
  }
}

/** Compares every room with the first that is heard. */
export function compareRooms(atUs: number, windows: ReadonlyMap<string, HeardWindow>, rooms: number): Comparison {
  const audible = [...windows].filter(([, { samples }]) => samples.some((sample) => Math.abs(sample) > 1e-4))
  const [reference, ...others] = audible
  const latenessUs = new Map<string, number>()
  if (reference) {
    latenessUs.set(reference[0], 0)
    for (const [room, window] of others) {
      const lateUs = lateness(reference[1], window)
      if (lateUs !== undefined) latenessUs.set(room, lateUs)
    }
  }
  if (latenessUs.size < 2) return { atUs, offsetsUs: new Map(), spreadUs: undefined }
  const sorted = [...latenessUs.values()].sort((a, b) => a - b)
  const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
  return {
    atUs,
    offsetsUs: new Map([...latenessUs].map(([room, lateUs]) => [room, lateUs - middle])),
    spreadUs: latenessUs.size === rooms ? sorted.at(-1)! - sorted[0]! : undefined,
  }
}

/** How much later `other` is heard than `reference`, µs; undefined when they have nothing in common. */
function lateness(reference: HeardWindow, other: HeardWindow): number | undefined {
  const pattern = reference.samples.subarray(reach, reach + patternFrames)
  const match = findPattern(pattern, other.samples)
  if (!match || match.correlation < leastCorrelation) return undefined
  // The cards run at speeds of their own: the place in the pattern that the match speaks of is timed on each.
  const centre = slopeCentroid(pattern)
  const inReference = reference.startedAtUs + (reach + centre) * reference.frameUs
  const inOther = other.startedAtUs + (match.position + centre) * other.frameUs
  return inOther - inReference
}
