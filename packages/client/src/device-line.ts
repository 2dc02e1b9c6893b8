/**
 * The line along which a device is heard: a two-state Kalman filter of when its next frame is, and how fast its crystal runs.
 *
 * A report does not measure where the line is now, but where it was by the queue that had to be played first, and perhaps
 * somewhat earlier still. Derivation: docs/sync-theory.md, section 2.
 */
import { type LocalUs, shift } from '@tutti/clock'

/** Random walk of a crystal's rate, ppm per square root of a second: ten times what a Pi's does in a warm room. */
const wanderPpm = 0.01
/** Crystals are within ±100 ppm; the prior only shapes the first second. */
const priorPpm = 100
/** Between the place of a line at its end and its rate, where both are taken from elsewhere: that of a line through reports. */
const endCorrelation = 0.87

export class DeviceLine {
  #heardAt = 0 as LocalUs
  #ppm = 0
  /** Seconds of nominal time by which the last report was counted on from a reading. */
  #queuedS = 0
  #varianceHeard = 0
  #varianceBoth = 0
  #variancePpm = priorPpm * priorPpm

  /** When the next frame is heard. */
  get heardAt(): LocalUs {
    return this.#heardAt
  }

  /** Local microseconds more than nominal that a second of frames takes. */
  get ppm(): number {
    return this.#ppm
  }

  /** Standard deviation of `heardAt`, µs. */
  get sigmaUs(): number {
    return Math.sqrt(this.#varianceHeard)
  }

  /** Standard deviation of `ppm`. */
  get sigmaPpm(): number {
    return Math.sqrt(this.#variancePpm)
  }

  /** Keeps the rate, and begins where a report says, counted on over `queuedS` and off by `noiseVariance`, µs². */
  begin(reported: LocalUs, queuedS: number, noiseVariance: number): void {
    this.#queuedS = queuedS
    this.#heardAt = shift(reported, queuedS * this.#ppm)
    this.#varianceBoth = queuedS * this.#variancePpm
    this.#varianceHeard = noiseVariance + queuedS * this.#varianceBoth
  }

  /** `nominalUs` of frames have been played; the next report is counted on over `queuedS`. */
  advance(nominalUs: number, queuedS: number): void {
    const dtS = nominalUs * 1e-6
    const wander = wanderPpm * wanderPpm * dtS
    this.#queuedS = queuedS
    this.#heardAt = shift(this.#heardAt, nominalUs * (1 + this.#ppm * 1e-6))
    this.#varianceHeard += dtS * (2 * this.#varianceBoth + dtS * this.#variancePpm + (dtS * wander) / 3)
    this.#varianceBoth += dtS * (this.#variancePpm + wander / 2)
    this.#variancePpm += wander
  }

  /** How late a report is. It has counted its queue at the nominal rate, for want of the true one. */
  surpriseOf(reported: LocalUs): number {
    return reported - this.#heardAt + this.#queuedS * this.#ppm
  }

  /** Variance of what the line says a report is, or says one was `agoS` earlier, µs². */
  varianceOfReport(agoS = 0): number {
    const beforeS = this.#queuedS + agoS
    return this.#varianceHeard - beforeS * (2 * this.#varianceBoth - beforeS * this.#variancePpm)
  }

  /**
   * Takes in that a report of `agoS` ago was late by `surpriseUs`, with a deviation of its own.
   * Returns by how much later the line says reports are now, µs.
   */
  believe(surpriseUs: number, noiseVariance: number, agoS = 0): number {
    const beforeS = this.#queuedS + agoS
    const heard = this.#varianceHeard - beforeS * this.#varianceBoth
    const both = this.#varianceBoth - beforeS * this.#variancePpm
    const total = this.varianceOfReport(agoS) + noiseVariance
    const heardGain = heard / total
    const ppmGain = both / total
    this.#heardAt = shift(this.#heardAt, heardGain * surpriseUs)
    this.#ppm += ppmGain * surpriseUs
    this.#variancePpm -= ppmGain * both
    this.#varianceBoth -= heardGain * both
    this.#varianceHeard -= heardGain * heard
    return (heardGain - this.#queuedS * ppmGain) * surpriseUs
  }

  /** Goes on along another line, of which more is known. Returns by how much later it says reports are now, µs. */
  take({
    heardAt,
    ppm,
    sigmaUs,
    sigmaPpm,
  }: Readonly<Pick<DeviceLine, 'heardAt' | 'ppm' | 'sigmaUs' | 'sigmaPpm'>>): number {
    const laterUs = heardAt - this.#heardAt - this.#queuedS * (ppm - this.#ppm)
    this.#heardAt = heardAt
    this.#ppm = ppm
    this.#varianceHeard = sigmaUs * sigmaUs
    this.#varianceBoth = endCorrelation * sigmaUs * sigmaPpm
    this.#variancePpm = sigmaPpm * sigmaPpm
    return laterUs
  }

  move(us: number): void {
    this.#heardAt = shift(this.#heardAt, us)
  }

  /** Its position is known so much less well, µs². */
  doubt(variance: number): void {
    this.#varianceHeard += variance
  }

  /** Its rate is another one, with a deviation of `sigmaPpm` from what it was. */
  openRate(sigmaPpm: number): void {
    this.#variancePpm = sigmaPpm * sigmaPpm
    this.#varianceBoth = 0
  }
}
