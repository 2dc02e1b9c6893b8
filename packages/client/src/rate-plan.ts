/**
 * A way for the playing rate to go: along a parabola, so that an error has gone when it ends and the rate is then the one at
 * which it stays so; thereafter straight on.
 *
 * Of all ways to remove an error in a given time this one bends the rate least, in the mean of squares.
 * Derivation: docs/sync-theory.md, 4.2.
 */
export class RatePlan {
  #ppm = 0
  #errorUs = 0
  /** The rate that keeps the error as it is, as was known when the plan was made, and how far from it the plan may go. */
  #knownPpm = 0
  #limitPpm = 0
  #leftS = 0
  /** First and second derivative of the rate, per second. */
  #slope = 0
  #bend = 0

  /** The rate as planned for now, ppm. */
  get ppm(): number {
    return this.#ppm
  }

  /** The error as planned for now, µs: what is left to remove. */
  get errorUs(): number {
    return this.#errorUs
  }

  /** Goes straight on at a rate that keeps things as they are. */
  rest(ppm: number): void {
    this.#ppm = ppm
    this.#knownPpm = ppm
    this.#end()
  }

  /** From the rate as it is to no error at `knownPpm` in `seconds`, never further from that rate than `limitPpm`. */
  remove(errorUs: number, knownPpm: number, seconds: number, limitPpm: number): void {
    const aheadPpm = this.#ppm - knownPpm
    this.#slope = (6 * errorUs) / seconds ** 2 - (4 * aheadPpm) / seconds
    this.#bend = (6 * aheadPpm) / seconds ** 2 - (12 * errorUs) / seconds ** 3
    this.#leftS = seconds
    this.#errorUs = errorUs
    this.#knownPpm = knownPpm
    this.#limitPpm = limitPpm
  }

  /** Plays for `dtS`, during which the rate is taken to change evenly, as the playout has it. */
  advance(dtS: number): void {
    if (this.#leftS <= dtS) return this.#end()
    const wantedPpm = this.#ppm + (this.#slope + (this.#bend * dtS) / 2) * dtS
    const ppm = Math.max(this.#knownPpm - this.#limitPpm, Math.min(this.#knownPpm + this.#limitPpm, wantedPpm))
    this.#errorUs -= ((this.#ppm + ppm) / 2 - this.#knownPpm) * dtS
    this.#ppm = ppm
    this.#slope += this.#bend * dtS
    this.#leftS -= dtS
  }

  /** Whatever is left is found to be an error that no plan accounts for. */
  #end(): void {
    this.#ppm = this.#knownPpm
    this.#errorUs = 0
    this.#leftS = 0
  }
}
