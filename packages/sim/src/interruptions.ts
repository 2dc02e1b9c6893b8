/** Stretches of time, coming at random, in which nothing gets through. */
import type { Random } from './random.js'

export interface InterruptionTraits {
  /** Mean time between two, in seconds; they come independently of each other (Poisson). */
  readonly everyS: number
  /** Length: uniform between these, in milliseconds. */
  readonly minMs: number
  readonly maxMs: number
}

interface Interruption {
  readonly fromUs: number
  readonly untilUs: number
}

/** Callers may ask about times this far before the latest they have asked about. */
const rememberedUs = 10e6

export class Interruptions {
  readonly #random: Random
  readonly #traits: InterruptionTraits | undefined
  /** In order; the last one begins after every time asked about so far. */
  readonly #known: Interruption[] = []
  #past = 0

  /** Without traits there are none. */
  constructor(random: Random, traits: InterruptionTraits | undefined) {
    this.#random = random
    this.#traits = traits
    if (traits) this.#known.push(this.#next(0, traits))
  }

  /** How many have begun by `trueUs`. */
  countAt(trueUs: number): number {
    this.#reach(trueUs)
    let begun = this.#known.length
    while (begun > 0 && this.#known[begun - 1]!.fromUs > trueUs) begun--
    return this.#past + begun
  }

  /** When something due at `trueUs` gets through: then, or at the end of the interruption it falls into. */
  passedAt(trueUs: number): number {
    this.#reach(trueUs)
    for (let i = this.#known.length - 1; i >= 0; i--) {
      const { fromUs, untilUs } = this.#known[i]!
      if (trueUs >= untilUs) break
      if (trueUs >= fromUs) return untilUs
    }
    return trueUs
  }

  #reach(trueUs: number): void {
    const traits = this.#traits
    if (!traits) return
    for (let last = this.#known.at(-1)!; last.fromUs <= trueUs; ) {
      last = this.#next(last.untilUs, traits)
      this.#known.push(last)
    }
    if (this.#known[0]!.untilUs < trueUs - 2 * rememberedUs) this.#forget(trueUs - rememberedUs)
  }

  #forget(beforeUs: number): void {
    const kept = this.#known.findIndex(({ untilUs }) => untilUs >= beforeUs)
    this.#known.splice(0, kept)
    this.#past += kept
  }

  #next(afterUs: number, { everyS, minMs, maxMs }: InterruptionTraits): Interruption {
    const fromUs = afterUs + this.#random.exponential(everyS * 1e6)
    return { fromUs, untilUs: fromUs + this.#random.between(minMs, maxMs) * 1000 }
  }
}
