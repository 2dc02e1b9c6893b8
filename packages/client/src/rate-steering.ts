/**
 * Steers the playing rate so that the playout error goes to zero, gently enough that no pitch is heard to move.
 *
 * What the clock estimates say of the crystals is fed forward, through a low-pass, because estimates move in steps. The
 * error they leave is the sum of their corrections, so it has no steady part, and a loop of two integrators, the playhead
 * itself and the correction, removes it without overshoot: the rate has no steps, only slopes. A tone stays as pure as its source
 * while the slope stays below about 1 ppm/s, which the narrow bandwidth keeps for errors up to 30 µs; larger errors widen
 * it, because then being in step matters more. Derivation and margins: docs/sync-theory.md.
 */

/** Bandwidth of the loop, per second, for small errors and for large ones; linear between. */
const steadyPerS = 0.15
const hurriedPerS = 1.8
/** Errors up to the first are small, from the second on large, µs. */
const smallUs = 30
const largeUs = 300
/** Largest correction either way for errors up to a millisecond, ppm: half a cent, a tenth of what a trained ear notices. */
const maxPpm = 300
/** Beyond, so much for each µs, and at most this: 1.7 cents, because an echo is noticed sooner. */
const ppmPerUs = 0.3
const hurriedMaxPpm = 1000
/** After a start the estimates still move: the loop narrows with this product of bandwidth and age. */
const settling = 12
/** Time constant with which the fed-forward rate follows the estimates, s, and as a share of the age until then. */
const feedForwardS = 2
const feedForwardShare = 0.1

export class RateSteering {
  #ageS = 0
  #knownPpm = 0
  #correctionPpm = 0

  /** Begins at the rate the clock estimates suggest, with no error. */
  start(knownPpm: number): void {
    this.#ageS = 0
    this.#knownPpm = knownPpm
    this.#correctionPpm = 0
  }

  /**
   * The rate to play at, in ppm faster than the device's nominal one.
   * @param knownPpm the rate at which the error would stay as it is, if the clock estimates are right
   * @param lateUs how far playback lags its schedule
   * @param dtS seconds since the last update
   */
  update(knownPpm: number, lateUs: number, dtS: number): number {
    this.#ageS += dtS
    const lagS = Math.min(feedForwardS, feedForwardShare * this.#ageS)
    this.#knownPpm += (knownPpm - this.#knownPpm) * Math.min(1, dtS / lagS)
    const bandwidth = this.#bandwidth(lateUs)
    const pullPpmPerS = bandwidth * bandwidth * lateUs - 2 * bandwidth * this.#correctionPpm
    const limitPpm = Math.min(hurriedMaxPpm, Math.max(maxPpm, ppmPerUs * Math.abs(lateUs)))
    this.#correctionPpm = Math.max(-limitPpm, Math.min(limitPpm, this.#correctionPpm + dtS * pullPpmPerS))
    return this.#knownPpm + this.#correctionPpm
  }

  #bandwidth(lateUs: number): number {
    const share = Math.max(0, Math.min(1, (Math.abs(lateUs) - smallUs) / (largeUs - smallUs)))
    const wanted = Math.max(steadyPerS + (hurriedPerS - steadyPerS) * share, settling / this.#ageS)
    return Math.min(hurriedPerS, wanted)
  }
}
