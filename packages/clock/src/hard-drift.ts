/**
 * The rates the clocks can have against each other, from what bounds of the offset far apart in time leave possible: if it
 * was at most h and is now at least l, it has risen by at least l - h. No statistics are involved, so no unlucky or
 * one-sided delay can make this wrong. Assumed is only how far a rate can be off and how fast it can move; once that was
 * seen not to hold, because somebody slews a clock, nothing is left of it but how hard clocks are slewed.
 */

/** Two crystals of ±100 ppm each, the widest tolerance sold for computers. */
export const maxDriftPpm = 200
/** The hardest that NTP slews a clock: the limit of adjtime and of the kernel's loop, on top of what crystals differ by. */
export const maxSlewPpm = 500
/** A rate differs from its mean over some time by no more than this, and this much more for each second of it. */
const rateMovesPpm = 0.5
const rateMovesPpmPerS = 0.002 // 0.12 ppm a minute: a crystal beside a processor that gets busy
/** The bounds compared are at least so far apart in time: always the last so many seconds, up to twice as many. */
const anchorEveryS = 300

interface Anchor {
  readonly atS: number
  readonly lowestUs: number
  readonly highestUs: number
}

export class HardDrift {
  lowestPpm = -maxDriftPpm
  highestPpm = maxDriftPpm
  #limitPpm = maxDriftPpm
  #atS = 0
  #anchor: Anchor | undefined
  #nextAnchor: Anchor | undefined

  /** A rate moved faster than crystals do: nothing is known of it any more, and clocks may be slewed from now on. */
  open(): void {
    this.#limitPpm = maxDriftPpm + maxSlewPpm
    this.lowestPpm = -this.#limitPpm
    this.highestPpm = this.#limitPpm
    this.forgetOffsets()
  }

  /** Offsets before and after are not to be compared; rates stand. */
  forgetOffsets(): void {
    this.#anchor = undefined
    this.#nextAnchor = undefined
  }

  /** At `atS` the offset is within these bounds. */
  narrow(atS: number, lowestUs: number, highestUs: number): void {
    const movedPpm = rateMovesPpmPerS * (atS - this.#atS)
    this.#atS = atS
    this.#anchor ??= { atS, lowestUs, highestUs }
    const elapsedS = atS - this.#anchor.atS
    const moves = rateMovesPpm + rateMovesPpmPerS * elapsedS
    const lowestPpm = elapsedS > 0 ? (lowestUs - this.#anchor.highestUs) / elapsedS - moves : -this.#limitPpm
    const highestPpm = elapsedS > 0 ? (highestUs - this.#anchor.lowestUs) / elapsedS + moves : this.#limitPpm
    this.lowestPpm = Math.max(-this.#limitPpm, this.lowestPpm - movedPpm, lowestPpm)
    this.highestPpm = Math.min(this.#limitPpm, this.highestPpm + movedPpm, highestPpm)
    if (this.lowestPpm > this.highestPpm) {
      this.open() // the assumptions do not hold: a clock is being slewed
      return
    }
    this.#nextAnchor ??= this.#anchor
    if (atS - this.#nextAnchor.atS < anchorEveryS) return
    this.#anchor = this.#nextAnchor
    this.#nextAnchor = { atS, lowestUs, highestUs }
  }
}
