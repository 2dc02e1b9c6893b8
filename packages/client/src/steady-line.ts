/**
 * The line of a device whose rate is known, held straight while the local clock, by which it is measured, is slewed.
 *
 * A crystal that has run at one rate to a fraction of a ppm does not run at another from one second to the next; a clock
 * that NTP corrects does. So when reports run off such a line it goes on as it was, and what it and the reports are apart
 * is how far the local clock has been slewed. Once the new rate is known, the two are kept that far apart.
 * Derivation: docs/sync-theory.md.
 */
import { type LocalUs, shift } from '@tutti/clock'
import { type LocalSlew, noSlew, slewedUs } from './local-slew.js'

/** The rate is known when its deviation is at most this, ppm; and again after a slew. */
const knownPpm = 1
const knownAgainPpm = 0.15
/** The line that is held is as it was so long before, to twice that, s: before what is noticed now began to pull it. */
const noticingS = 2

/** When the next frame is heard, in steady time, and steady microseconds more than nominal that a second of frames takes. */
interface Line {
  at: LocalUs
  ppm: number
}

export class SteadyLine {
  readonly #slew: { -readonly [Part in keyof LocalSlew]: LocalSlew[Part] } = { ...noSlew }
  /** The line as it was, carried on, at two moments: the older is the one to hold. */
  #older: Line = { at: 0 as LocalUs, ppm: 0 }
  #newer: Line = { at: 0 as LocalUs, ppm: 0 }
  #newerAgeS = 0
  #isHeld = false

  /** The same object at every call. */
  get slew(): LocalSlew {
    return this.#slew
  }

  /** Steady time at which a frame is heard that the reports place at `local`. */
  heardAt(local: LocalUs): LocalUs {
    return this.#isHeld ? this.#older.at : shift(local, -slewedUs(this.#slew, local))
  }

  /** Steady microseconds more than nominal that a second of frames takes, where reports say `localPpm` of the local clock. */
  ppmOf(localPpm: number): number {
    return this.#isHeld ? this.#older.ppm : localPpm - this.#slew.ppm * (1 + localPpm * 1e-6)
  }

  /** The device begins afresh, at a frame that its report places at `local`. */
  begin(local: LocalUs, localPpm: number): void {
    this.#isHeld = false
    this.#newerAgeS = 0
    for (const line of [this.#older, this.#newer]) {
      line.at = this.heardAt(local)
      line.ppm = this.ppmOf(localPpm)
    }
  }

  /** `nominalUs` of frames have been played. */
  advance(nominalUs: number): void {
    this.#newerAgeS += nominalUs * 1e-6
    this.#older.at = shift(this.#older.at, nominalUs * (1 + this.#older.ppm * 1e-6))
    this.#newer.at = shift(this.#newer.at, nominalUs * (1 + this.#newer.ppm * 1e-6))
  }

  /** The device itself plays `us` later than its line says. */
  move(us: number): void {
    this.#older.at = shift(this.#older.at, us)
    this.#newer.at = shift(this.#newer.at, us)
  }

  /** Reports have begun to run off the line, whose rate was known with a deviation of `sigmaPpm`. */
  hold(sigmaPpm: number): void {
    if (this.#isHeld || sigmaPpm > knownPpm) return
    this.#isHeld = true
    this.#slew.count++
  }

  /** Takes the line of the reports, after each of them; `sigmaPpm` is the deviation of its rate. */
  follow(local: LocalUs, localPpm: number, sigmaPpm: number): void {
    if (this.#isHeld) {
      this.#slew.at = local
      this.#slew.us = local - this.#older.at
      this.#slew.ppm = (localPpm - this.#older.ppm) / (1 + localPpm * 1e-6)
      if (sigmaPpm > knownAgainPpm) return
      this.begin(local, localPpm)
    } else if (this.#newerAgeS >= noticingS) {
      const spare = this.#older
      this.#older = this.#newer
      this.#newer = spare
      this.#newerAgeS = 0
      spare.at = this.heardAt(local)
      spare.ppm = this.ppmOf(localPpm)
    }
  }
}
