/**
 * How much of a live source is held back: as much as what has come ever falls behind what it could have been by then.
 *
 * Between two arrivals a source falls behind by the length of a lump, and by as much more as the second one is late. What
 * is held is what it lags by in its best ten seconds, which is its lumps, and what it has lagged by beyond that in three
 * minutes and a quarter more, less what its reader has patience for. It grows at once, and shrinks no faster than can be bent
 * away without being heard. A lag that happened once and was far worse than all else counts for a few times the next greatest
 * at most; one that is longer than what may be held was a pause of the source, and counts for nothing.
 */
import { elapsedUs, type ServerUs } from '@tutti/clock'

/** How long a lag counts, in slots. */
const slots = 18
const slotUs = 10_000_000
const lateMargin = 1.25
/** Counted on whatever is seen: lumps of 10 ms, as sound servers give, that are 1 ms late. */
const leastLagUs = 11_000
/** What the greatest is late counts for so many times the next greatest at most, or times `patienceUs`. */
const outlier = 3
/**
 * What is late is waited for this long: what follows has reserves of its own, for everything that comes late, and half of
 * the least of them is more than this.
 */
export const patienceUs = 10_000
/** A program that has just started is late by itself: of so many first lags the middle one is taken for all. */
const firstLags = 101
/** Given back per second, µs: no more than crystals are off. */
const shrinkUsPerS = 200

export class LiveHold {
  readonly #leastUs: number
  readonly #mostUs: number
  /** The greatest lag in each, the running one last. */
  #slots: readonly number[] = []
  #slotStart: ServerUs | undefined
  #first: number[] | undefined = []
  #heldUs: number
  #heldAt: ServerUs | undefined

  /** Holds no less than `leastMs` and no more than `mostMs`; the same twice where that has been settled. */
  constructor(leastMs: number, mostMs: number) {
    this.#leastUs = leastMs * 1000
    this.#mostUs = mostMs * 1000
    this.#heldUs = this.#boundedUs(leastLagUs)
  }

  /** Notes that at `at` the source had fallen `lagUs` behind what the least delayed of its arrivals promised. */
  lagged(lagUs: number, at: ServerUs): void {
    if (lagUs > this.#mostUs) return
    if (this.#first !== undefined) {
      this.#first.push(lagUs)
      this.#slots = [this.#first.toSorted((a, b) => a - b)[this.#first.length >> 1]!]
      if (this.#first.length === firstLags) this.#first = undefined
      return
    }
    this.#slotStart ??= at
    const isOver = elapsedUs(this.#slotStart, at) >= slotUs
    if (isOver) this.#slotStart = at
    const running = this.#slots.at(-1)!
    if (isOver) this.#slots = [...this.#slots.slice(1 - slots), lagUs]
    else if (lagUs > running) this.#slots = [...this.#slots.slice(0, -1), lagUs]
  }

  /**
   * What is to be held at `at`, in µs.
   * @param aheadUs taken before it is due, with every piece: not a lag, but as good as one
   * @param isHeard whether a change has to be one that nobody hears
   */
  targetUs(aheadUs: number, isHeard: boolean, at: ServerUs): number {
    const wantedUs = this.#boundedUs(this.#lagUs + aheadUs)
    const passedUs = isHeard ? at - (this.#heldAt ?? at) : Number.POSITIVE_INFINITY
    this.#heldAt = at
    this.#heldUs = Math.max(wantedUs, this.#heldUs - (shrinkUsPerS * passedUs) / 1e6)
    return this.#heldUs
  }

  get #lagUs(): number {
    if (this.#slots.length === 0) return leastLagUs
    const sorted = this.#slots.toSorted((a, b) => b - a)
    const usualUs = Math.max(leastLagUs, sorted.at(-1)!)
    const nextUs = (sorted[1] ?? 0) - usualUs
    const lateUs = Math.min(sorted[0]! - usualUs, outlier * Math.max(nextUs, patienceUs))
    return usualUs + Math.max(0, lateMargin * lateUs - patienceUs)
  }

  #boundedUs(us: number): number {
    return Math.min(this.#mostUs, Math.max(this.#leastUs, us))
  }
}
