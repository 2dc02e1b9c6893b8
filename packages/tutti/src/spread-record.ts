/** What a run of the demo comes to: how soon the rooms were in step, and how far apart they were from then on. */

export interface SpreadSummary {
  /** From the first sound of the last room until the rooms were in step, seconds; undefined if they never were. */
  readonly settleS: number | undefined
  /** Distance from the earliest to the latest room, at instants after settling; undefined when there were none. */
  readonly spreadUs:
    | { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
    | undefined
  /** Instants measured after settling. */
  readonly instants: number
}

/** Within a millisecond several loudspeakers are one source to the ear. */
const inStepUs = 1_000
/** In step means: and stays so for this long. */
const steadyUs = 1e6

export class SpreadRecord {
  readonly #measured: { readonly atUs: number; readonly spreadUs: number }[] = []

  /** Instants in ascending order, from the first at which every room was heard. */
  add(atUs: number, spreadUs: number): void {
    this.#measured.push({ atUs, spreadUs })
  }

  get summary(): SpreadSummary {
    const settled = this.#settledFrom()
    if (settled === undefined) return { settleS: undefined, spreadUs: undefined, instants: 0 }
    const spreads = this.#measured.slice(settled).map(({ spreadUs }) => spreadUs)
    spreads.sort((a, b) => a - b)
    const quantile = (p: number): number => spreads[Math.ceil(p * spreads.length) - 1]!
    return {
      settleS: (this.#measured[settled]!.atUs - this.#measured[0]!.atUs) / 1e6,
      spreadUs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: spreads.at(-1)! },
      instants: spreads.length,
    }
  }

  /** Index of the first instant from which the rooms stayed in step for `steadyUs`. */
  #settledFrom(): number | undefined {
    let from: number | undefined
    for (const [i, { atUs, spreadUs }] of this.#measured.entries()) {
      if (spreadUs > inStepUs) from = undefined
      else from ??= i
      if (from !== undefined && atUs - this.#measured[from]!.atUs >= steadyUs) return from
    }
    return undefined
  }
}
