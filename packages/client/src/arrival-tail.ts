/**
 * How late chunks of live audio come at worst: the buffer that a network needs beyond the time it always takes.
 *
 * A live server sends every chunk the same time ahead. Of the chunks of the last seconds the least delayed says how much
 * that is; the others are late against it. What is kept is the greatest lateness of the last three minutes, not a
 * quantile: bursts of interference come one in a thousand chunks, and a gap every few minutes is a gap too many. But what
 * has happened once, and was far worse than all else, was an outage: it counts for no more than a few times the second
 * worst, and for nothing where it was longer than any buffer.
 */
import { elapsedUs, type LocalUs } from '@tutti/clock'

/** How long a lateness counts, in slots. */
const slots = 18
const slotUs = 10_000_000
/**
 * Over how long the least delayed chunk is looked for: shorter than a server needs to bend its lead by much. It is the
 * best of the third-best stretch: what a server sent early once, silence in place of a source for instance, touches two
 * at most, and is no measure of the others.
 */
const stretches = 14
const stretchUs = 500_000
/** After an outage the first chunk this little late is the first that counts again. */
const recoveredUs = 20_000

/** The greatest lateness counts for so many times the next greatest at most, or times `recoveredUs`. */
const outlier = 3
/** After so many slots a guess counts for no more than `outlier` times what was seen: a busy start makes any path look bad. */
const slotsToDoubt = 3

export class ArrivalTail {
  readonly #mostUs: number
  readonly #assumedUs: number
  readonly #leastAssumedUs: number
  readonly #slots = new Float64Array(slots)
  /** Slots that arrivals have filled, up to all of them. */
  #filled = 0
  #slot = 0
  #slotStart: LocalUs | undefined
  /** Of each stretch, how far ahead of its time its least delayed chunk came. */
  readonly #best = new Float64Array(stretches).fill(Number.NEGATIVE_INFINITY)
  #stretch = 0
  #stretchStart: LocalUs | undefined
  #isOut = false

  /**
   * @param mostUs the longest lateness that a buffer could make good
   * @param assumedUs what is taken for the tail until three minutes have shown better
   * @param leastAssumedUs that or less is not doubted earlier
   */
  constructor(mostUs: number, assumedUs: number, leastAssumedUs = assumedUs) {
    this.#mostUs = mostUs
    this.#assumedUs = assumedUs
    this.#leastAssumedUs = leastAssumedUs
  }

  /** What is to be assumed besides what was seen, in µs: nothing once three minutes have shown better. */
  get assumedUs(): number {
    if (this.#filled >= slots) return 0
    if (this.#filled < slotsToDoubt) return this.#assumedUs
    return Math.min(this.#assumedUs, Math.max(this.#leastAssumedUs, outlier * this.lateUs))
  }

  /** The greatest lateness of the last three minutes that was no outage, in µs. */
  get lateUs(): number {
    let greatestUs = 0
    let nextUs = 0
    // No sort: this is asked for at every input of the session.
    for (const lateUs of this.#slots) {
      if (lateUs > greatestUs) [greatestUs, nextUs] = [lateUs, greatestUs]
      else if (lateUs > nextUs) nextUs = lateUs
    }
    return Math.min(greatestUs, outlier * Math.max(nextUs, recoveredUs))
  }

  /** The same, but undefined before there have been three minutes. */
  get seenUs(): number | undefined {
    return this.#filled < slots ? undefined : this.lateUs
  }

  /** What follows is sent differently far ahead: a new stream, or a jump in the old one. */
  restart(): void {
    this.#best.fill(Number.NEGATIVE_INFINITY)
    this.#stretchStart = undefined
    this.#isOut = false
  }

  /** Notes that a chunk came at `at`, `aheadUs` before it is due. */
  arrived(aheadUs: number, at: LocalUs): void {
    this.#turn(at)
    this.#best[this.#stretch] = Math.max(this.#best[this.#stretch]!, aheadUs)
    const lateUs = this.#usualAheadUs - aheadUs
    if (lateUs > this.#mostUs) this.#isOut = true
    if (this.#isOut && lateUs > recoveredUs) return
    this.#isOut = false
    this.#slots[this.#slot] = Math.max(this.#slots[this.#slot]!, lateUs)
  }

  #turn(at: LocalUs): void {
    this.#slotStart ??= at
    if (elapsedUs(this.#slotStart, at) >= slotUs) {
      this.#slotStart = at
      this.#slot = (this.#slot + 1) % slots
      this.#slots[this.#slot] = 0
      this.#filled++
    }
    this.#stretchStart ??= at
    if (elapsedUs(this.#stretchStart, at) < stretchUs) return
    this.#stretchStart = at
    this.#stretch = (this.#stretch + 1) % stretches
    this.#best[this.#stretch] = Number.NEGATIVE_INFINITY
  }

  /** Of the least delayed chunks; before the third stretch there is nothing to compare with. */
  get #usualAheadUs(): number {
    return this.#best.toSorted().at(-3)!
  }
}
