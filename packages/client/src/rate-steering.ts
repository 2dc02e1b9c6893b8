/**
 * Steers the playing rate so that the playout error goes to zero, gently enough that no pitch is heard to move.
 *
 * What is chosen is the slope of the rate, never the rate: it is pulled towards what the clock estimates say of the
 * crystals and what removes the error, so that estimates may step as they like. Errors such as the doubt of the estimates
 * explains are not worth being heard: the rate slopes by less than 0.4 ppm/s for them, and a tone stays as pure as
 * its source. Larger ones widen the loop, because then being in step matters more, and so do estimates that
 * are new, while they move by more than they will ever again. Derivation and margins: docs/sync-theory.md.
 */

/** Bandwidth of the loop, per second: at most for small errors, and for large ones; linear between. */
const calmPerS = 0.15
const hurriedPerS = 3
/** What a small error may slope the rate by, ppm/s. */
const calmPpmPerS = 0.4
/** Errors up to the first are small, from the second on large, µs; or, if that is more, up to so many times the doubt. */
const smallUs = 20
const smallDoubts = 2
const largeUs = 200
const largeDoubts = 4
/** More doubt is no excuse, µs: rooms a millisecond apart echo, however little is known. */
const mostDoubtUs = 130
/** New estimates still move, ever less: the loop is as wide as so much for the square of their doubt, at most this, over the square of their age. */
const settlingSPerUs2 = 0.9
const mostSettlingS = 300
/** Estimates are new when they are doubted so many times as much as just before. */
const newDoubts = 2
/** Largest correction either way for errors up to a millisecond, ppm: half a cent, a tenth of what a trained ear notices. */
const maxPpm = 300
/** Beyond, so much for each µs, and at most this: 1.7 cents, because an echo is noticed sooner. */
const ppmPerUs = 0.3
const hurriedMaxPpm = 1000

export class RateSteering {
  /** Since the estimates were new. */
  #ageS = 0
  #doubtUs = 0
  #ppm = 0

  /** Begins at the rate the clock estimates suggest, with no error. */
  start(knownPpm: number): void {
    this.#ppm = knownPpm
  }

  /**
   * The rate to play at, in ppm faster than the device's nominal one.
   * @param knownPpm the rate at which the error would stay as it is, if the clock estimates are right
   * @param lateUs how far playback lags its schedule
   * @param doubtUs standard deviation of the schedule itself; Infinity if nobody knows
   * @param dtS seconds since the last update
   */
  update(knownPpm: number, lateUs: number, doubtUs: number, dtS: number): number {
    this.#ageS = doubtUs > newDoubts * this.#doubtUs ? dtS : this.#ageS + dtS
    this.#doubtUs = doubtUs
    const widthPerS = this.#widthPerS(Math.abs(lateUs), Math.min(mostDoubtUs, doubtUs))
    const limitPpm = Math.min(hurriedMaxPpm, Math.max(maxPpm, ppmPerUs * Math.abs(lateUs)))
    const correctionPpm = Math.max(-limitPpm, Math.min(limitPpm, (widthPerS * lateUs) / 2))
    this.#ppm += (knownPpm + correctionPpm - this.#ppm) * Math.min(1, 2 * widthPerS * dtS)
    return this.#ppm
  }

  #widthPerS(errorUs: number, doubtUs: number): number {
    const small = Math.max(smallUs, smallDoubts * doubtUs)
    const large = Math.max(largeUs, largeDoubts * doubtUs)
    const share = Math.max(0, Math.min(1, (errorUs - small) / (large - small)))
    const calm = Math.min(calmPerS, Math.sqrt(calmPpmPerS / errorUs))
    const settling = Math.min(mostSettlingS, settlingSPerUs2 * doubtUs ** 2) / this.#ageS ** 2
    return Math.min(hurriedPerS, Math.max(calm + (hurriedPerS - calm) * share, settling))
  }
}
