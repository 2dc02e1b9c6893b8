/**
 * Steers the playing rate so that the playout error goes to zero, gently enough that no pitch is heard to move.
 *
 * A tone hears a rate change, not a rate. So the rate rests, while the error stays within what the doubt of the clock estimates
 * explains, however they step; and an error beyond is removed entirely, in one go, along the gentlest curve that takes the
 * time there is (`rate-plan.ts`). What is not as planned, by more than that doubt, is planned anew. How
 * long a removal takes depends on how long estimates will last: new ones move by more than they will ever again.
 * Derivation: docs/sync-theory.md, 4.2.
 */
import { RatePlan } from './rate-plan.js'

/** An error that differs by so much of the doubt from what is planned changes nothing; and by so many µs, where there is no doubt. */
const toleratedDoubts = 0.8
const leastToleratedUs = 2
/** In full only when estimates are so old, s; before, in proportion: to a quarter of it at five seconds. */
const fullyToleratedAfterS = 20
/** More doubt is no excuse, µs: rooms a millisecond apart echo, however little is known. */
const mostDoubtUs = 250
/** A removal takes the age of the estimates to the power of 3/2, over this; longer where they are doubted by less than `smallUs`. */
const settlingPerRootS = 200
/** But no longer than bends the rate by so many ppm/s, if the error is at most this or the doubt. */
const calmPpmPerS = 0.4
const smallUs = 20
/** And no shorter than bends it by so many, unless that takes so long or so much of the estimates' age: an echo has to go. */
const hurriedPpmPerS = 600
const mostHurriedS = 5
const mostOfAge = 0.1
/** A rate that is wrong counts as the error that it makes in so long. */
const wrongRateS = 1
/** Estimates are new when they are doubted so many times as much as just before. */
const newDoubts = 2
/** Largest correction either way for errors up to a millisecond, ppm: half a cent, a tenth of what a trained ear notices. */
const maxPpm = 300
/** Beyond, so much for each µs, and at most this: 1.7 cents, because an echo is noticed sooner. */
const ppmPerUs = 0.3
const hurriedMaxPpm = 1000

export class RateSteering {
  readonly #plan = new RatePlan()
  /** Since the estimates were new. */
  #ageS = 0
  #doubtUs = 0

  /** Begins at the rate the clock estimates suggest, with no error. */
  start(knownPpm: number): void {
    this.#plan.rest(knownPpm)
  }

  /**
   * The rate to play at when `dtS` from now have been played, in ppm faster than the device's nominal one; until then it changes evenly.
   * @param knownPpm the rate at which the error would stay as it is, if the clock estimates are right
   * @param lateUs how far playback lags its schedule
   * @param doubtUs standard deviation of the schedule itself; Infinity if nobody knows
   * @param dtS seconds since the last update
   */
  update(knownPpm: number, lateUs: number, doubtUs: number, dtS: number): number {
    this.#ageS = doubtUs > newDoubts * this.#doubtUs ? dtS : this.#ageS + dtS
    this.#doubtUs = doubtUs
    const plan = this.#plan
    const countedUs = Math.min(mostDoubtUs, doubtUs)
    if (Math.abs(lateUs - plan.errorUs) > this.#toleratedUs(countedUs)) {
      const limitPpm = Math.min(hurriedMaxPpm, Math.max(maxPpm, ppmPerUs * Math.abs(lateUs)))
      const errorUs = Math.abs(lateUs) + wrongRateS * Math.abs(plan.ppm - knownPpm)
      // The rate of a parabola is 1.5 times the mean at its height.
      const seconds = Math.max(this.#secondsFor(errorUs, countedUs), (1.5 * Math.abs(lateUs)) / limitPpm)
      plan.remove(lateUs, knownPpm, seconds, limitPpm)
    }
    plan.advance(dtS)
    return plan.ppm
  }

  #toleratedUs(doubtUs: number): number {
    return Math.max(leastToleratedUs, toleratedDoubts * doubtUs * Math.min(1, this.#ageS / fullyToleratedAfterS))
  }

  #secondsFor(errorUs: number, doubtUs: number): number {
    const settlingS = (this.#ageS ** 1.5 / settlingPerRootS) * Math.max(1, (smallUs / doubtUs) ** 2)
    const share = Math.max(smallUs, doubtUs) / errorUs
    const calmS = secondsAt(calmPpmPerS, errorUs) * Math.min(1, share * share)
    const hurriedS = Math.min(mostHurriedS, mostOfAge * this.#ageS, secondsAt(hurriedPpmPerS, errorUs))
    return Math.max(hurriedS, Math.min(settlingS, calmS))
  }
}

/** What it takes to remove an error while the rate, which rested, slopes by so much at most. */
function secondsAt(ppmPerS: number, errorUs: number): number {
  return Math.sqrt((6 * errorUs) / ppmPerS)
}
