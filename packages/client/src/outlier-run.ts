/** Reports far off the line, one after the other: one is the driver's, several that agree are the device's, which has slipped. */

/** The device has slipped when this many outliers in a row, over this long, agree among themselves. */
const slipReports = 8
const slipS = 0.15

export class OutlierRun {
  #count = 0
  #lastedS = 0
  #meanUs = 0

  /** How many agree so far, and where they lie on average, µs. */
  get count(): number {
    return this.#count
  }

  get meanUs(): number {
    return this.#meanUs
  }

  advance(dtS: number): void {
    this.#lastedS += dtS
  }

  /** Takes in an outlier, which agrees with those before when it is less than `limitUs` off. Returns whether it is a slip. */
  add(surpriseUs: number, limitUs: number): boolean {
    const agrees = this.#count > 0 && Math.abs(surpriseUs - this.#meanUs) < limitUs
    if (!agrees) {
      this.#count = 0
      this.#lastedS = 0
      this.#meanUs = 0
    }
    this.#count++
    this.#meanUs += (surpriseUs - this.#meanUs) / this.#count
    return this.#count >= slipReports && this.#lastedS >= slipS
  }

  end(): void {
    this.#count = 0
  }
}
