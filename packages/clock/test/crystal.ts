/** A crystal for tests: constant error, random walk of the speed every ten seconds, and a slope for temperature. */
import type { SeededRandom } from './seeded-random.js'

export interface CrystalTraits {
  readonly startUs: number
  readonly ppm: number
  /** Standard deviation of the change of speed every ten seconds. */
  readonly wanderPpm: number
  /** Speed gained per second, as when a room warms up, until `swingUntilS`. */
  readonly swingPpmPerS: number
  readonly swingUntilS: number
}

const segmentUs = 10e6

export class Crystal {
  readonly #readings: number[]
  readonly #speeds: number[] = []
  readonly #random: SeededRandom
  readonly #traits: CrystalTraits
  #wanderPpm = 0

  constructor(random: SeededRandom, traits: CrystalTraits) {
    this.#random = random
    this.#traits = traits
    this.#readings = [traits.startUs]
  }

  /** Any true time from 0 on, in any order. */
  readAt(trueUs: number): number {
    const segment = Math.floor(trueUs / segmentUs)
    while (this.#speeds.length <= segment) this.#extend()
    return this.#readings[segment]! + (trueUs - segment * segmentUs) * this.#speeds[segment]!
  }

  /** The true time of a reading near a true time that is known. */
  trueAt(readingUs: number, nearUs: number): number {
    let trueUs = nearUs
    for (let i = 0; i < 4; i++) trueUs = Math.max(0, trueUs + readingUs - this.readAt(trueUs))
    return trueUs
  }

  #extend(): void {
    const { ppm, wanderPpm, swingPpmPerS, swingUntilS } = this.#traits
    const fromS = (this.#speeds.length * segmentUs) / 1e6
    const speed = 1 + (ppm + this.#wanderPpm + swingPpmPerS * Math.min(fromS, swingUntilS)) * 1e-6
    this.#speeds.push(speed)
    this.#readings.push(this.#readings.at(-1)! + segmentUs * speed)
    this.#wanderPpm += wanderPpm * this.#random.normal()
  }
}
