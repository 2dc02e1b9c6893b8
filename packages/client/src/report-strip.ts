/**
 * The narrowest strip along a straight line that all reports lie in.
 *
 * Of n reports that are off by up to a either way, evenly, the mean is off by a/√(3n), and so is a line through them; but the strip
 * has an edge on either side, on which the outermost reports lie, and is known to about 5 a/n: after ten seconds three times as
 * well as a line by least squares, after a minute eight times. All that has to be kept for it are the corners of the
 * convex hull of the reports (A. Andrew 1979), a dozen or two. Derivation: docs/sync-theory.md, section 2.
 */
import { type LocalUs, shift } from '@tutti/clock'

/** Deviations of the strip, of n reports over T, for half its width w: rate/(w/nT), place at its end/(w/n), and that where the rate is known. */
const rateSpread = 8
const placeSpread = 4.5
const levelSpread = Math.SQRT2
/** For w/n stands √((w/n)² + so much · w/n), µs: positions are counted in frames, which makes edges soft. */
const softUs = 4
/** The rate is looked for within so many deviations of what it was thought to be. */
const rateSigmas = 3
/** However well it was known: crystals move by a tenth of a ppm in two minutes. */
const leastSigmaPpm = 0.3
const halvings = 30
/** Fewer reports do not tell what lies beyond. */
const reportsToJudge = 64
/** A report further out than so many mean distances between reports is no part of the noise; but not one within `looseUs`, for crystals bend. */
const beyondSpacings = 24
const looseUs = 30
/** Even noise leaves a dozen; a line that bends would leave all reports, which nobody has time to look through. */
const mostCorners = 64

/** Where a report lay: seconds since the strip began, and how late it was against the line it began with. */
interface Report {
  readonly s: number
  readonly us: number
}

export class ReportStrip {
  readonly #upper: Report[] = []
  readonly #lower: Report[] = []
  #referenceAt = 0 as LocalUs
  #referencePpm = 0
  #sigmaPpm = 0
  #ageS = 0
  #firstS = 0
  #count = 0
  /** Of the reports, sums. */
  #sumS = 0
  #sumUs = 0
  /** Middle of the strip against the reference, at its beginning, µs; its slope against it, ppm; half its width, µs. */
  #middleUs = 0
  #slopePpm = 0
  #halfWidthUs = 0

  /** Begins with the line as it is thought to be; `sigmaPpm` is the deviation of its rate. */
  begin(at: LocalUs, ppm: number, sigmaPpm: number): void {
    this.#upper.length = 0
    this.#lower.length = 0
    this.#referenceAt = at
    this.#referencePpm = ppm
    this.#sigmaPpm = Math.max(leastSigmaPpm, sigmaPpm)
    this.#ageS = 0
    this.#count = 0
    this.#sumS = 0
    this.#sumUs = 0
    this.#middleUs = 0
    this.#slopePpm = 0
    this.#halfWidthUs = 0
  }

  advance(nominalUs: number): void {
    this.#ageS += nominalUs * 1e-6
    this.#referenceAt = shift(this.#referenceAt, nominalUs * (1 + this.#referencePpm * 1e-6))
  }

  /** Takes in a report, counted on over `queuedS` at the nominal rate. Returns 0, or 1 or −1 for one too late or too early to be part of the noise. */
  add(reported: LocalUs, queuedS: number): -1 | 0 | 1 {
    const report: Report = {
      s: this.#ageS - queuedS,
      us: reported - this.#referenceAt + queuedS * this.#referencePpm,
    }
    const lateUs = report.us - this.#middleUs - this.#slopePpm * report.s
    const outUs = Math.abs(lateUs) - this.#halfWidthUs
    const spacingUs = (2 * this.#halfWidthUs) / this.#count
    if (this.#count >= reportsToJudge && outUs > Math.max(looseUs, beyondSpacings * spacingUs))
      return lateUs > 0 ? 1 : -1
    if (this.#count++ === 0) this.#firstS = report.s
    this.#sumS += report.s
    this.#sumUs += report.us
    push(this.#upper, report, 1)
    push(this.#lower, report, -1)
    if (outUs > 0) this.#fit()
    return 0
  }

  get count(): number {
    return this.#count
  }

  get ageS(): number {
    return this.#ageS
  }

  /** Half its width, µs. */
  get halfWidthUs(): number {
    return this.#halfWidthUs
  }

  /** How far the mean of the reports lies from its middle, µs. */
  get leanUs(): number {
    return (this.#sumUs - this.#slopePpm * this.#sumS) / this.#count - this.#middleUs
  }

  /** When the next frame is heard. */
  get heardAt(): LocalUs {
    return shift(this.#referenceAt, this.#middleUs + this.#slopePpm * this.#ageS)
  }

  /** Local microseconds more than nominal that a second of frames takes. */
  get ppm(): number {
    return this.#referencePpm + this.#slopePpm * (1 + this.#referencePpm * 1e-6)
  }

  /** Standard deviation of `ppm`. */
  get sigmaPpm(): number {
    return Math.min(this.#sigmaPpm, (rateSpread * this.#gapUs) / this.#lastedS)
  }

  /** Standard deviation of `heardAt`, µs. */
  get sigmaUs(): number {
    const tiltUs = Math.min((this.#sigmaPpm * this.#lastedS) / 2, placeSpread * this.#gapUs)
    return Math.hypot(tiltUs, levelSpread * this.#gapUs)
  }

  /** About how far reports stay away from where the edges are, µs. */
  get #gapUs(): number {
    const sharpUs = this.#halfWidthUs / this.#count
    return Math.sqrt(sharpUs * (sharpUs + softUs))
  }

  get #lastedS(): number {
    return this.#ageS - this.#firstS
  }

  /** As the slope grows, the outermost reports above move to the left, those below to the right: where they pass each other it is narrowest. */
  #fit(): void {
    let least = -rateSigmas * this.#sigmaPpm
    let most = rateSigmas * this.#sigmaPpm
    for (let n = 0; n < halvings; n++) {
      const slope = (least + most) / 2
      if (outermost(this.#upper, slope, 1).s > outermost(this.#lower, slope, -1).s) least = slope
      else most = slope
    }
    this.#slopePpm = (least + most) / 2
    const above = outermost(this.#upper, this.#slopePpm, 1)
    const below = outermost(this.#lower, this.#slopePpm, -1)
    const [aboveUs, belowUs] = [above.us - this.#slopePpm * above.s, below.us - this.#slopePpm * below.s]
    this.#middleUs = (aboveUs + belowUs) / 2
    this.#halfWidthUs = (aboveUs - belowUs) / 2
  }
}

/** Appends the latest report to the upper hull of those before (`side` 1), or the lower (−1). */
function push(hull: Report[], report: Report, side: 1 | -1): void {
  while (hull.length > 1) {
    const [a, b] = [hull[hull.length - 2]!, hull[hull.length - 1]!]
    if (side * ((b.s - a.s) * (report.us - a.us) - (b.us - a.us) * (report.s - a.s)) < 0) break
    hull.pop()
  }
  hull.push(report)
  if (hull.length > mostCorners) hull.shift()
}

function outermost(hull: readonly Report[], slope: number, side: 1 | -1): Report {
  return hull.reduce((out, report) => (side * (report.us - out.us - slope * (report.s - out.s)) > 0 ? report : out))
}
