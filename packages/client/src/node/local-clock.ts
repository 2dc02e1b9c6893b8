/** This machine's monotonic clock, the same in every thread and process of it. */
import type { Clock, LocalUs } from '@tutti/clock'

/** A simulated crystal, for demonstrations and tests on one machine: a plain record, so that it can be sent to a worker. */
export interface ClockSkew {
  readonly offsetUs: number
  /** How much faster than the machine's own clock it runs. */
  readonly ppm: number
}

export const noSkew: ClockSkew = { offsetUs: 0, ppm: 0 }

/** CLOCK_MONOTONIC in µs. A double holds it to a nanosecond or two even after a year of uptime. */
export function hrtimeUs(): number {
  return Number(process.hrtime.bigint()) / 1000
}

export class LocalClock implements Clock {
  readonly #offsetUs: number
  readonly #rate: number

  /** Equal skews give equal clocks, in whatever thread. */
  constructor(skew: ClockSkew = noSkew) {
    this.#offsetUs = skew.offsetUs
    this.#rate = 1 + skew.ppm * 1e-6
  }

  now(): LocalUs {
    return this.at(hrtimeUs())
  }

  /** What this clock reads when the machine's own reads `trueUs`. */
  at(trueUs: number): LocalUs {
    return (this.#offsetUs + trueUs * this.#rate) as LocalUs
  }

  /** What the machine's own clock reads when this one reads `local`. */
  trueUs(local: LocalUs): number {
    return (local - this.#offsetUs) / this.#rate
  }
}
