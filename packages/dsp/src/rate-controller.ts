/**
 * Chooses how much faster or slower than the crystals suggest to play, so that the playout error goes to zero.
 *
 * The known part of the rate, what the two clock estimates say of the crystals, is fed forward by the caller; this
 * proportional-integral controller removes what is left. The error is the integral of the rate, so the loop is second
 * order; `integral = proportional² / 4` makes it critically damped (no overshoot). Stability and noise gain:
 * docs/sync-theory.md.
 */
export interface RateConfig {
  /** Correction per microsecond of error, ppm; also the inverse time constant per second. */
  readonly proportionalPpmPerUs: number
  /** Largest correction either way, ppm. */
  readonly maxPpm: number
}

/** 0.5 halves an error in 1.6 s; 500 ppm is 0.9 cent, a fifth of what a trained ear notices. */
export const rateDefaults: RateConfig = { proportionalPpmPerUs: 0.5, maxPpm: 500 }

export class RateController {
  readonly #config: RateConfig
  #integralPpm = 0

  constructor(config: RateConfig = rateDefaults) {
    this.#config = config
  }

  /**
   * The correction to play with, in ppm, positive to play faster.
   * @param lateUs how far playback lags its schedule
   * @param dtS seconds since the last update
   */
  update(lateUs: number, dtS: number): number {
    const { proportionalPpmPerUs: kp, maxPpm } = this.#config
    const wanted = this.#integralPpm + kp * lateUs
    const given = clamp(wanted, maxPpm)
    // While clamped the integral would only wind up.
    if (given === wanted) this.#integralPpm = clamp(this.#integralPpm + ((kp * kp) / 4) * lateUs * dtS, maxPpm)
    return given
  }

  /** Forgets the past: for a jump, after which old errors say nothing. */
  reset(): void {
    this.#integralPpm = 0
  }
}

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))
