/**
 * A crystal oscillator: the reading of a counter it drives, as a function of true time. Its speed is constant within a
 * second and differs from second to second by a random walk, the warmth of the day and the heat of its own machine.
 *
 * Sizes: unselected crystals of PCs and sound cards are within ±100 ppm and differ by 5 to 30 ppm in practice (Huygens,
 * NSDI 2018); what matters to a clock filter is that the speed moves while it is being estimated.
 */
import type { Random } from './random.js'

export interface CrystalTraits {
  /** Reading at true time 0, in microseconds. */
  readonly startUs: number
  /** Constant error of the speed, in parts per million; positive runs fast. */
  readonly ppm: number
  /** Random walk of the speed: standard deviation after one second, in ppm. It returns to 0 over `wanderReturnS`. */
  readonly wanderPpmPerSqrtS: number
  /** Amplitude of the daily swing with room temperature, in ppm. */
  readonly dailySwingPpm: number
  /** Standard deviation of the steps that load puts on the speed by heating the machine, in ppm. */
  readonly heatingPpm: number
}

/** A crystal in a cheap computer or sound card, apart from its constant error. The sizes are assumptions, and not small. */
export const ordinaryCrystal = {
  startUs: 0,
  ppm: 0,
  wanderPpmPerSqrtS: 0.003, // 0.2 ppm in an hour
  dailySwingPpm: 1, // ±5 °C in a room at about 0.2 ppm per °C near an AT cut's flat spot
  heatingPpm: 0.5,
} satisfies CrystalTraits

export const perfectCrystal = {
  startUs: 0,
  ppm: 0,
  wanderPpmPerSqrtS: 0,
  dailySwingPpm: 0,
  heatingPpm: 0,
} satisfies CrystalTraits

const wanderReturnS = 4 * 3600
const heatingEveryS = 1800 // mean time between changes of load
const heatingTimeConstantS = 300 // of a board in a case
const dayS = 86_400
const stepS = 1
const stepUs = stepS * 1e6
/** Seconds of the past and, at most, of the future that can be asked about. */
const rememberedSteps = 256

export class Crystal {
  readonly #traits: CrystalTraits
  readonly #random: Random
  readonly #dayPhase: number
  /** Reading at the start of step k, at k modulo the length; the newest entry is where the newest step ends. */
  readonly #readings = new Float64Array(rememberedSteps)
  #newest = 0
  #wanderPpm = 0
  #heatPpm = 0
  #heatTargetPpm = 0
  #nextHeatingS: number

  constructor(random: Random, traits: CrystalTraits) {
    this.#traits = traits
    this.#random = random
    this.#dayPhase = 2 * Math.PI * random.uniform()
    this.#nextHeatingS = random.exponential(heatingEveryS)
    this.#readings[0] = traits.startUs
  }

  /** What the counter reads at a true time, in microseconds. */
  readAt(trueUs: number): number {
    const step = Math.floor(trueUs / stepUs)
    this.#reach(step + 1)
    const from = this.#reading(step)
    return from + (this.#reading(step + 1) - from) * (trueUs / stepUs - step)
  }

  /** The true time at which the counter reads `readingUs`: the inverse of `readAt`. */
  trueAt(readingUs: number): number {
    while (this.#reading(this.#newest) < readingUs) this.#reach(this.#newest + 1)
    // The speed is within a thousandth of nominal, so this is off by a step or so, unless the reading is very far off.
    let step = Math.max(0, this.#newest - 1 - Math.floor((this.#reading(this.#newest) - readingUs) / stepUs))
    while (step > 0 && this.#reading(step) > readingUs) step--
    while (this.#reading(step + 1) <= readingUs && step + 1 < this.#newest) step++
    const from = this.#reading(step)
    return (step + (readingUs - from) / (this.#reading(step + 1) - from)) * stepUs
  }

  #reading(step: number): number {
    if (step < 0 || step <= this.#newest - rememberedSteps) throw new RangeError(`second ${step} is no longer known`)
    return this.#readings[step % rememberedSteps]!
  }

  #reach(step: number): void {
    while (this.#newest < step) {
      const reading = this.#reading(this.#newest)
      const ppm = this.#ppmOfStep(this.#newest * stepS)
      this.#newest++
      this.#readings[this.#newest % rememberedSteps] = reading + stepUs * (1 + ppm * 1e-6)
    }
  }

  /** Called once for each step, in order. */
  #ppmOfStep(atS: number): number {
    const { ppm, wanderPpmPerSqrtS, dailySwingPpm, heatingPpm } = this.#traits
    this.#wanderPpm +=
      wanderPpmPerSqrtS * Math.sqrt(stepS) * this.#random.normal() - (this.#wanderPpm * stepS) / wanderReturnS
    if (atS >= this.#nextHeatingS) {
      this.#heatTargetPpm = heatingPpm * this.#random.normal()
      this.#nextHeatingS = atS + this.#random.exponential(heatingEveryS)
    }
    this.#heatPpm += ((this.#heatTargetPpm - this.#heatPpm) * stepS) / heatingTimeConstantS
    return ppm + this.#wanderPpm + this.#heatPpm + dailySwingPpm * Math.sin((2 * Math.PI * atS) / dayS + this.#dayPhase)
  }
}
