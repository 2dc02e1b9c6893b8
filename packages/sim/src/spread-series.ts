/** A figure over time in bounded memory: the run is divided into equal bins, and each keeps its percentiles. */
import { Distribution, type Percentiles } from './distribution.js'

/** Bins of a run: as many as a plot has room for. */
const bins = 240

export interface SeriesPoint extends Percentiles {
  /** Middle of the bin, in seconds. */
  readonly atS: number
}

export class SpreadSeries {
  readonly #lengthS: number
  readonly #done: SeriesPoint[] = []
  #bin = 0
  #current = new Distribution()

  constructor(lengthS: number) {
    this.#lengthS = lengthS
  }

  /** Figures come in order of time. */
  add(atS: number, figure: number): void {
    const bin = Math.floor((atS / this.#lengthS) * bins)
    if (bin !== this.#bin) this.#close(bin)
    this.#current.add(figure)
  }

  /** Bins that have figures, in order. */
  get points(): readonly SeriesPoint[] {
    return this.#current.count === 0 ? this.#done : [...this.#done, this.#point()]
  }

  #close(next: number): void {
    if (this.#current.count > 0) this.#done.push(this.#point())
    this.#bin = next
    this.#current = new Distribution()
  }

  #point(): SeriesPoint {
    return { atS: ((this.#bin + 0.5) / bins) * this.#lengthS, ...this.#current.percentiles }
  }
}
