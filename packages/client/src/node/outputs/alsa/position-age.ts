/**
 * How old a device's position is likely to be when it is read.
 *
 * Drivers that count in bursts (a DMA fragment, a USB packet) say what was true at the last one. Who comes by his own
 * clock finds that it was some time after he last saw the position elsewhere and before he first saw it where it is, and
 * not longer ago than a burst takes: in the middle of that on average. How large bursts are shows in the moves between
 * readings: all are multiples.
 */
import type { LocalUs } from '@tutti/clock'

/** Moves that have to agree before they are believed, and after which the size is learnt anew. */
const firstMoves = 8
const movesPerWindow = 32
/** Frames; smaller bursts are below what a reading is worth, and chance may look like them. */
const leastBurst = 8

export class PositionAge {
  readonly #sampleRate: number
  #position: number | undefined
  #readAt = 0
  /** When the position was last read before it moved to where it is, and when it was first read there. */
  #movedAfter = 0
  #movedBefore = 0
  #divisor = 0
  #moves = 0
  #burst = 1

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate
  }

  /** For positions that count from another start, or are read in another way. */
  restart(): void {
    this.#position = undefined
    this.#divisor = 0
    this.#moves = 0
    this.#burst = 1
  }

  /** Frames the position moves by at a time; 1 while that is unknown. */
  get burstFrames(): number {
    return this.#burst
  }

  /** Takes in a position read at `at`, in frames since the start; returns its likely age, in frames. */
  read(position: number, at: LocalUs): number {
    if (this.#position === undefined) this.#movedAfter = this.#movedBefore = at
    else if (position !== this.#position) this.#move(position - this.#position, at)
    this.#position = position
    this.#readAt = at
    const most = Math.max(1, Math.min(this.#burst, this.#framesSince(this.#movedAfter, at)))
    return (Math.min(most, this.#framesSince(this.#movedBefore, at)) + most) / 2
  }

  #framesSince(fromUs: number, at: LocalUs): number {
    return ((at - fromUs) * this.#sampleRate) / 1e6
  }

  #move(frames: number, at: LocalUs): void {
    this.#movedAfter = this.#readAt
    this.#movedBefore = at
    this.#divisor = greatestDivisor(this.#divisor, Math.abs(frames))
    this.#moves++
    if (this.#moves === firstMoves || this.#moves === movesPerWindow)
      this.#burst = this.#divisor >= leastBurst ? this.#divisor : 1
    if (this.#moves < movesPerWindow) return
    this.#moves = 0
    this.#divisor = 0
  }
}

function greatestDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}
