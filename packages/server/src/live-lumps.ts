/**
 * How long the lumps are that a live source comes in: what it falls behind by between two arrivals, in the middle. What comes later
 * than that is waited for, whoever made it late, at the expense of what the rooms keep for everything that comes late.
 */

/** So many lags are looked at together: a second of lumps of 10 ms. The middle one does not mind a few that were late. */
const looked = 101
/** Lumps that differ by less are the same: a new length has the rate of the source bent. */
const alikeUs = 5_000

export class LiveLumps {
  #lags: number[] = []
  #lengthUs: number | undefined
  #isSettled = false

  /** Of audio; undefined before the second one has come. */
  get lengthUs(): number | undefined {
    return this.#lengthUs
  }

  /** Notes that with the last arrival the source had fallen `lagUs` behind what the least delayed one promised. */
  lagged(lagUs: number): void {
    this.#lags.push(lagUs)
    const isComplete = this.#lags.length === looked
    if (this.#isSettled && !isComplete) return
    const middleUs = this.#lags.toSorted((a, b) => a - b)[this.#lags.length >> 1]!
    const isNew = Math.abs(middleUs - (this.#lengthUs ?? Number.POSITIVE_INFINITY)) > alikeUs
    if (isNew || !this.#isSettled) this.#lengthUs = middleUs
    if (!isComplete) return
    this.#isSettled = true
    this.#lags = []
  }
}
