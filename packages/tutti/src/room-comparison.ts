/**
 * How far apart rooms are truly heard. A virtual card knows when, by the machine's own clock, each period leaves its
 * speaker; the server's clock being that same clock, the difference to the time the media was meant for is how late the
 * room really is, whatever the player in it believes. Rooms are compared at common instants.
 */

/** What a room was heard to play, at one instant. */
export interface Hearing {
  /** By the machine's clock, µs. */
  readonly trueHeardAtUs: number
  /** Server time of the media, µs; NaN when the room was silent. */
  readonly heardServerAtUs: number
}

export interface Comparison {
  /** Instant of the machine's clock, µs: a multiple of `compareEveryUs`. */
  readonly atUs: number
  /** How much later than the group (the median of the rooms) each room is heard, µs, by its name. */
  readonly offsetsUs: ReadonlyMap<string, number>
  /** From the earliest room to the latest, µs; undefined unless every room is heard. */
  readonly spreadUs: number | undefined
}

export const compareEveryUs = 100_000
/** Rooms report in their own time; an instant is compared when it is this far past. */
const patienceUs = 1_000_000
/** Reports further apart than this have a silence between them. */
const longestStepUs = 300_000

export class RoomComparison {
  readonly #hearings: ReadonlyMap<string, Hearing[]>
  #nextAtUs: number | undefined

  constructor(rooms: readonly string[]) {
    this.#hearings = new Map(rooms.map((room) => [room, []]))
  }

  /** Takes what a room was heard to play; each room's in ascending order of time. */
  add(room: string, hearing: Hearing): void {
    const hearings = this.#hearings.get(room)
    if (!hearings) throw new RangeError(`no room is called ${room}`)
    hearings.push(hearing)
  }

  /** The comparisons that have become due when the machine's clock reads `nowUs`. */
  compare(nowUs: number): readonly Comparison[] {
    const comparisons: Comparison[] = []
    this.#nextAtUs ??= (Math.floor((nowUs - patienceUs) / compareEveryUs) + 1) * compareEveryUs
    for (; this.#nextAtUs <= nowUs - patienceUs; this.#nextAtUs += compareEveryUs) {
      comparisons.push(this.#compareAt(this.#nextAtUs))
    }
    return comparisons
  }

  #compareAt(atUs: number): Comparison {
    const lateness = new Map<string, number>()
    for (const [room, hearings] of this.#hearings) {
      const lateUs = latenessAt(hearings, atUs)
      if (lateUs !== undefined) lateness.set(room, lateUs)
    }
    if (lateness.size < 2) return { atUs, offsetsUs: new Map(), spreadUs: undefined }
    const sorted = [...lateness.values()].sort((a, b) => a - b)
    const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
    return {
      atUs,
      offsetsUs: new Map([...lateness].map(([room, lateUs]) => [room, lateUs - median])),
      spreadUs: lateness.size === this.#hearings.size ? sorted.at(-1)! - sorted[0]! : undefined,
    }
  }
}

/** Between the two reports around `atUs`; undefined when the room was silent then. Forgets what came before. */
function latenessAt(hearings: Hearing[], atUs: number): number | undefined {
  const after = hearings.findIndex(({ trueHeardAtUs }) => trueHeardAtUs > atUs)
  if (after < 1) return undefined
  hearings.splice(0, after - 1)
  const [from, to] = hearings as [Hearing, Hearing]
  const stepUs = to.trueHeardAtUs - from.trueHeardAtUs
  if (stepUs > longestStepUs) return undefined
  const share = (atUs - from.trueHeardAtUs) / stepUs
  const lateUs = lateBy(from) + (lateBy(to) - lateBy(from)) * share
  return Number.isNaN(lateUs) ? undefined : lateUs
}

function lateBy({ trueHeardAtUs, heardServerAtUs }: Hearing): number {
  return trueHeardAtUs - heardServerAtUs
}
