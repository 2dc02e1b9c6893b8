/**
 * The edges that all reports of a device lie between, where its noise has any: a position that moves in bursts and is asked for
 * at any moment, or guessed by a sound server, is off by as much one way as the other, evenly and by no more. Noise with
 * tails has no edges: the further one looks, the wider it is. Derivation: docs/sync-theory.md, section 2.
 */
import type { LocalUs } from '@tutti/clock'
import { ReportStrip } from './report-strip.js'

/** Reports before noise is judged. */
const reportsToTell = 64
/** Noise has edges where its variance is more than so much of half its width squared: even noise has 0.35, normal 0.18 of 64 reports and less of more. */
const edgedAbove = 0.26
const edgedBelow = 0.2
/** And where the mean is no further from the middle than so much of half its width: of exponential noise it is 0.6 of it. */
const mostLean = 0.15
/** So long, s, the strip tells most: edges are soft by as much as a clock or a thread adds to what is even, and that averages out in bins only. */
const stripS = 30
/** A strip is as old as this, s, when the next one is begun, and twice that when it is given up for it: crystals bend. */
const renewalS = 60
/** Not the noise but the line has moved when so many more of some 32 reports lie beyond one edge than beyond the other. */
const beyondGain = 1 / 32
const mostBeyond = 2.5

interface Line {
  readonly heardAt: LocalUs
  readonly ppm: number
  readonly sigmaPpm: number
}

export class ReportEdges {
  #strip = new ReportStrip()
  #next = new ReportStrip()
  #ageS = 0
  #beyond = 0
  #isTelling = false

  /** Begins along a line whose rate is known with a deviation of `sigmaPpm`. */
  begin({ heardAt, ppm, sigmaPpm }: Line): void {
    for (const strip of [this.#strip, this.#next]) strip.begin(heardAt, ppm, sigmaPpm)
    this.#ageS = 0
    this.#beyond = 0
    this.#isTelling = false
  }

  /** The strip between them. */
  get strip(): ReportStrip {
    return this.#strip
  }

  advance(nominalUs: number): void {
    this.#ageS += nominalUs * 1e-6
    this.#strip.advance(nominalUs)
    this.#next.advance(nominalUs)
    if (this.#next.ageS < renewalS) return
    if (this.#strip.ageS >= 2 * renewalS) [this.#strip, this.#next] = [this.#next, this.#strip]
    const { heardAt, ppm, sigmaPpm } = this.#strip
    this.#next.begin(heardAt, ppm, sigmaPpm)
  }

  /** Takes in a report, counted on over `queuedS` at the nominal rate. */
  add(reported: LocalUs, queuedS: number): void {
    this.#next.add(reported, queuedS)
    this.#beyond += this.#strip.add(reported, queuedS) - beyondGain * this.#beyond
  }

  /** By how much the line has moved that the edges run along, or 0, µs: as great a share of the strip as that of the reports beyond it. */
  get movedUs(): number {
    return Math.abs(this.#beyond) < mostBeyond ? 0 : 2 * this.#strip.halfWidthUs * beyondGain * this.#beyond
  }

  /** Whether they say more than the reports between them, which have a variance of `noiseVariance`, µs². */
  tellMost(noiseVariance: number): boolean {
    const { count, halfWidthUs, leanUs } = this.#strip
    const isEven = Math.abs(leanUs) < mostLean * halfWidthUs
    const share = noiseVariance / halfWidthUs ** 2
    const isTime = count >= reportsToTell && this.#ageS < stripS
    this.#isTelling = isTime && isEven && share > (this.#isTelling ? edgedBelow : edgedAbove)
    return this.#isTelling
  }
}
