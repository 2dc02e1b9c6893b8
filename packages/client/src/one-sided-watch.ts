/**
 * Notices that a line along the earliest reports has moved, from all reports: noise that only adds makes none early, and those
 * of a thread that wakes up later than it did lie as far apart as they are late. Derivation: docs/sync-theory.md, section 2.
 */

/** So many reports in a row, each later than `leastLateUs` and than all of them differ among each other, are no load. */
const runReports = 10
const leastLateUs = 150
/** Two of some ten reports are earlier than the line by so much, µs, by no chance. */
const earlyUs = 100
const earlyGain = 1 / 10
const mostEarly = 1.5

export class OneSidedWatch {
  readonly #run: number[] = []
  #early = 0

  /** Takes in how late a report was against the line. Returns by how much that has moved, or 0, µs. */
  add(lateUs: number): number {
    this.#early += (lateUs < -earlyUs ? 1 : 0) - earlyGain * this.#early
    if (this.#early > mostEarly) return -earlyUs
    this.#run.push(lateUs)
    if (this.#run.length > runReports) this.#run.shift()
    if (this.#run.length < runReports) return 0
    const leastUs = Math.min(...this.#run)
    const spanUs = Math.max(...this.#run) - leastUs
    return leastUs > Math.max(leastLateUs, spanUs) ? leastUs : 0
  }

  restart(): void {
    this.#run.length = 0
    this.#early = 0
  }
}
