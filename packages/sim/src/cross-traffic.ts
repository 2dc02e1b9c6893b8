/**
 * What other people's downloads do to one direction of a link: for minutes its queue fills and drains in the sawtooth
 * of TCP, then it is empty again. The other direction stays quick, and that is what misleads a clock filter.
 */
import type { Random } from './random.js'

export interface CrossTrafficTraits {
  /** Mean length of a quiet spell, and of a busy one, in seconds. */
  readonly quietS: number
  readonly busyS: number
  /** Highest waiting time in the queue during a busy spell, in milliseconds: uniform between these from tooth to tooth. */
  readonly minPeakMs: number
  readonly maxPeakMs: number
}

/** Time a tooth takes, in seconds: congestion avoidance at home round trips. */
const toothS = { min: 1, max: 4 }
/** A sender halves its window on loss, so a tooth begins at half its height. */
const toothStart = 0.5

export class CrossTraffic {
  readonly #random: Random
  readonly #traits: CrossTrafficTraits
  #fromUs = 0
  #untilUs = 0
  #peakUs = 0
  #busyUntilUs = 0

  constructor(random: Random, traits: CrossTrafficTraits) {
    this.#random = random
    this.#traits = traits
    this.#untilUs = random.exponential(traits.quietS * 1e6)
  }

  /** Waiting time in the queue for what enters it at `trueUs`, in µs; to be asked in order of time. */
  waitAt(trueUs: number): number {
    while (trueUs >= this.#untilUs) this.#advance()
    const progress = (trueUs - this.#fromUs) / (this.#untilUs - this.#fromUs)
    return Math.max(0, this.#peakUs * (toothStart + (1 - toothStart) * progress))
  }

  /** Whether somebody downloads at `trueUs`; to be asked in order of time, like the other. */
  isBusyAt(trueUs: number): boolean {
    while (trueUs >= this.#untilUs) this.#advance()
    return this.#peakUs > 0
  }

  #advance(): void {
    const { quietS, busyS, minPeakMs, maxPeakMs } = this.#traits
    const random = this.#random
    const wasQuiet = this.#peakUs === 0
    this.#fromUs = this.#untilUs
    if (wasQuiet) this.#busyUntilUs = this.#fromUs + random.exponential(busyS * 1e6)
    const busy = this.#fromUs < this.#busyUntilUs
    this.#peakUs = busy ? random.between(minPeakMs, maxPeakMs) * 1000 : 0
    this.#untilUs = this.#fromUs + (busy ? random.between(toothS.min, toothS.max) : random.exponential(quietS)) * 1e6
  }
}
