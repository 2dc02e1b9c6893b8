/**
 * Notices that a line runs off the reports that it follows: the running mean of what they surprise by is zero but for chance.
 * Derivation: docs/sync-theory.md, section 2.
 */

/** A mean this many standard deviations off is no chance. */
const biasSigmas = 5

export class BiasWatch {
  readonly #gain: number
  readonly #leastUs: number
  #meanUs = 0
  #count = 0

  /** @param gain weight of one report; 1/gain of them are remembered, and seen before any is judged
   * @param leastUs what is not independent from report to report may look like so much */
  constructor(gain: number, leastUs: number) {
    this.#gain = gain
    this.#leastUs = leastUs
  }

  /** Takes in a surprise of a line and a report of these variances, µs². Returns by how much the line is off, or 0, µs. */
  add(surpriseUs: number, lineVariance: number, reportVariance: number): number {
    this.#meanUs += this.#gain * (surpriseUs - this.#meanUs)
    if (++this.#count * this.#gain < 1) return 0
    const chanceUs = biasSigmas * Math.sqrt(lineVariance + (reportVariance * this.#gain) / 2)
    return Math.abs(this.#meanUs) > Math.max(this.#leastUs, chanceUs) ? this.#meanUs : 0
  }

  restart(): void {
    this.#meanUs = 0
    this.#count = 0
  }
}
