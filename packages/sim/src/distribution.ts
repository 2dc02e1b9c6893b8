/**
 * Quantiles of any number of figures in constant memory: counts in buckets whose bounds grow by a constant factor, so
 * that every quantile is right to 1 % (DDSketch, Masson et al., VLDB 2019). Deterministic, whatever the order.
 */

const growth = 1.02 // the middle of a bucket is within 1 % of everything in it
const logGrowth = Math.log(growth)
/** Smaller figures are counted as 0. */
const least = 0.001
const buckets = Math.ceil(Math.log(1e12 / least) / logGrowth)

/** Quantiles of figures that are not negative. */
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export class Distribution {
  readonly #counts = new Float64Array(buckets)
  #zeros = 0
  #count = 0
  #max = 0

  /** `figure` must be 0 to 1e12. */
  add(figure: number): void {
    if (!(figure >= 0 && figure < 1e12)) throw new RangeError(`${figure} is out of a distribution's range`)
    this.#count++
    if (figure > this.#max) this.#max = figure
    if (figure < least) this.#zeros++
    else this.#counts[Math.floor(Math.log(figure / least) / logGrowth)]!++
  }

  get count(): number {
    return this.#count
  }

  /** Exact; 0 when empty. */
  get max(): number {
    return this.#max
  }

  /** The figure that a share `p` (0 to 1) of all do not exceed, to 1 %; 0 when empty. */
  quantile(p: number): number {
    let rank = Math.max(1, Math.ceil(p * this.#count)) - this.#zeros
    if (rank <= 0) return 0
    for (let i = 0; i < buckets; i++) {
      rank -= this.#counts[i]!
      if (rank <= 0) return Math.min(this.#max, least * growth ** (i + 0.5))
    }
    return this.#max
  }

  get percentiles(): Percentiles {
    return { p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max: this.#max }
  }

  /** Filled buckets in ascending order: bounds, and how many figures lie between them. */
  *histogram(): Generator<{ readonly from: number; readonly to: number; readonly count: number }> {
    if (this.#zeros > 0) yield { from: 0, to: least, count: this.#zeros }
    for (let i = 0; i < buckets; i++) {
      const count = this.#counts[i]!
      if (count > 0) yield { from: least * growth ** i, to: least * growth ** (i + 1), count }
    }
  }
}
