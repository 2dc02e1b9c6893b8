/**
 * How old a device's position is likely to be when it is read.
 *
 * Drivers that count in bursts (a DMA fragment, a USB packet) say what was true at the last one. Who comes by his own
 * clock finds that it was some time after he last saw the position elsewhere and before he first saw it where it is, and
 * not longer ago than a burst takes: in the middle of that on average. How large bursts are shows in the moves between
 * readings: all are multiples, of a number of frames, or of a number of milliseconds to within a frame: at 44.1 kHz USB
 * sends nine packets of 44 frames and one of 45, which have nothing in common.
 */
import type { LocalUs } from '@tutti/clock'

/** Moves that have to agree before they are believed, and after which the size is learnt anew. */
const firstMoves = 8
const movesPerWindow = 32
/** Frames; smaller bursts are below what a reading is worth, and chance may look like them. */
const leastBurst = 8
/** Most milliseconds that a driver hands to USB at a time. */
const mostPackets = 16

export class PositionAge {
  readonly #sampleRate: number
  #position: number | undefined
  #readAt = 0
  /** When the position was last read before it moved to where it is, and when it was first read there. */
  #movedAfter = 0
  #movedBefore = 0
  #divisor = 0
  /** Whether all moves so far were of so many milliseconds, to the index of it and one. */
  readonly #isPackets = new Array<boolean>(mostPackets).fill(true)
  #moves = 0
  #burst = 1

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate
  }

  /** For positions that count from another start, or are read in another way. */
  restart(): void {
    this.#position = undefined
    this.#forgetMoves()
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
    for (let i = 0; i < mostPackets; i++) this.#isPackets[i] &&= this.#isMultiple(frames, i + 1)
    this.#moves++
    if (this.#moves === firstMoves || this.#moves === movesPerWindow)
      this.#burst = this.#divisor >= leastBurst ? this.#divisor : this.#packetFrames()
    if (this.#moves === movesPerWindow) this.#forgetMoves()
  }

  #forgetMoves(): void {
    this.#moves = 0
    this.#divisor = 0
    this.#isPackets.fill(true)
  }

  #isMultiple(frames: number, ms: number): boolean {
    const packetFrames = (this.#sampleRate * ms) / 1000
    return Math.abs(frames - Math.round(frames / packetFrames) * packetFrames) < 1
  }

  /** Frames in the longest packets that all moves were multiples of; 1 if there are none. */
  #packetFrames(): number {
    return Math.max(1, ((this.#isPackets.lastIndexOf(true) + 1) * this.#sampleRate) / 1000)
  }
}

function greatestDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}
