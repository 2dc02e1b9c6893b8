/**
 * How far a device's reports scatter, from how much neighbouring surprises differ (von Neumann et al. 1941): a line that is
 * off, or runs off, surprises again and again by the same and must not pass for noise, or nothing would be believed any more.
 * Derivation: docs/sync-theory.md, section 2.
 */

/** Noise assumed until reports have shown theirs, µs. */
const priorNoiseUs = 300
/** How many reports that is worth; of n seen, by (1 + n/4)² less, or the first second would be lost to exact devices. */
const priorReports = 2
const priorFade = 4
/** Reports are never believed better than this, µs: half a sample at 48 kHz. */
const leastNoiseUs = 10
/** Weight of one report in the running estimate: about 100 reports of memory. */
const noiseGain = 0.01

/** Of what is measured by reports, µs². */
export const leastVariance = leastNoiseUs * leastNoiseUs

export class ReportNoise {
  #variance = priorNoiseUs * priorNoiseUs
  /** Of reports as they were seen, and how many of them. */
  #seenVariance = 0
  #reports = 0
  #previousUs = 0

  /** Of one report, µs². */
  get variance(): number {
    return this.#variance
  }

  /** Takes in by how much a report surprised; differences count for `limitUs` at most. */
  learn(surpriseUs: number, limitUs: number): void {
    const differenceUs = Math.min(limitUs, Math.abs(surpriseUs - this.#previousUs))
    this.#previousUs = surpriseUs
    const reports = Math.min(1 / noiseGain, this.#reports + 1)
    this.#reports = reports
    this.#seenVariance += (differenceUs ** 2 / 2 - this.#seenVariance) / reports
    const prior = priorReports / (1 + reports / priorFade) ** 2
    const learned = (this.#seenVariance * reports + priorNoiseUs ** 2 * prior) / (reports + prior)
    this.#variance = Math.max(leastVariance, learned)
  }

  /** The line begins afresh: no surprise came before. */
  restart(): void {
    this.#previousUs = 0
  }
}
