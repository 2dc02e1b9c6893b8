/**
 * Says when a device will be heard, from reports that jitter, come in lumps and now and then lie.
 *
 * The truth is a straight line: frames leave at the pace of one crystal. A two-state Kalman filter (when the next
 * frame is heard, how fast the crystal runs) follows that line; the noise of the reports is measured from the reports
 * themselves, so a driver that is exact to a sample is trusted at once and one that jitters by a millisecond is
 * averaged over minutes. Where the noise only ever makes reports late, the line follows the earliest of some dozens
 * (`report-shape.ts`), elsewhere every one. A single report far off is ignored; a run of them that agree is the device having slipped,
 * and the line moves there in one step. When reports are off by more than chance all the time, the rate has changed,
 * because somebody slews the local clock, and is learnt anew; what is played goes on along the line as it was
 * (`steady-line.ts`). Derivation: docs/sync-theory.md.
 */
import { type LocalUs, shift } from '@tutti/clock'
import type { Period } from './audio-output.js'
import type { LocalSlew } from './local-slew.js'
import { binReports, ReportShape, type Telling } from './report-shape.js'
import { SteadyLine } from './steady-line.js'

/** Random walk of a crystal's rate, ppm per square root of a second: ten times what a Pi's does in a warm room. */
const wanderPpm = 0.01
/** Crystals are within ±100 ppm; the prior only shapes the first second. */
const priorPpm = 100
/** Deviation of a rate that a slew has changed, by up to ±500 ppm. */
const slewedPpm = 300
/** Only where reports scatter by less, µs, are they a better witness of the local clock than the session's exchanges. */
const calmUs = 80
/** Noise assumed until reports have shown theirs, µs. */
const priorNoiseUs = 300
/** How many reports that is worth; of n seen, by (1 + n/4)² less, or the first second would be lost to exact devices. */
const priorReports = 2
const priorFade = 4
/** Reports are never believed better than this, µs: half a sample at 48 kHz. */
const leastNoiseUs = 10
/** Weight of one report in the running noise estimate: about 100 reports of memory. */
const noiseGain = 0.01
/** Reports this many standard deviations off the line are outliers, but never those within `gateUs`. */
const gateSigmas = 6
const gateUs = 300
/** The device has slipped when this many outliers in a row, over this long, agree among themselves. */
const slipReports = 8
const slipS = 0.15
/** No device slips by less, µs: a smaller step is what is left to see of a rate that changed. */
const leastSlipUs = 1_000
/** Weight of one report in the running mean of surprises: about 32 reports of memory, and so many before it is judged. */
const biasGain = 1 / 32
/** A mean this many standard deviations off, and not below `biasUs`, is no chance: the rate has changed. */
const biasSigmas = 5
const biasUs = 30
/** The same for the earliest of groups of reports, which come and go by some 50 µs with the load of the machine. */
const earliestBiasGain = 1 / 4
const earliestBiasUs = 100
/** Random walk of how late the earliest reports are, µs per square root of a second: the load of the machine again. */
const latenessWanderUs = 3
/** An earliest report that is late by so much has a deviation of as much besides: nobody knows how late all of them were. */
const noisePerExcess = 1
/** But load makes them no later than this, µs. */
const mostLatenessUs = 50

export class DeviceClock {
  readonly #frameUs: number
  /** When the first frame of the current period is heard. */
  #heardAt = 0 as LocalUs
  #ppm = 0
  /** Seconds of nominal time by which the last report was counted on from a reading. */
  #queuedS = 0
  #varianceHeard = 0
  #varianceBoth = 0
  #variancePpm = priorPpm * priorPpm
  #noiseVariance = priorNoiseUs * priorNoiseUs
  #reports = 0
  /** Of reports as they were seen, and how many of them. */
  #seenVariance = 0
  #noiseReports = 0
  #previousFrames = 0
  #previousSurpriseUs = 0
  #biasUs = 0
  #judged = 0
  #outliers = 0
  #outlierS = 0
  #outlierMeanUs = 0
  #slips = 0
  readonly #steady = new SteadyLine()
  readonly #shape = new ReportShape()
  #follows: Telling = 'each'

  /** @param sampleRate the device's nominal rate, Hz */
  constructor(sampleRate: number) {
    this.#frameUs = 1e6 / sampleRate
  }

  /** Takes in what the device says of the period it is about to play. */
  observe(period: Period): void {
    const nominalUs = this.#previousFrames * this.#frameUs
    this.#queuedS = period.queuedFrames * this.#frameUs * 1e-6
    if (period.restarted || this.#reports === 0) this.#begin(period.heardAt)
    else {
      this.#predict(nominalUs)
      this.#correct(period)
    }
    this.#steady.follow(this.#heardAt, this.#ppm, this.#sigmaPpm)
    this.#reports++
    this.#previousFrames = period.frames
  }

  /** When the `offset`-th frame of the period last observed is heard; `offset` may be fractional. */
  heardAt(offset: number): LocalUs {
    return shift(this.#heardAt, offset * this.#frameUs * (1 + this.#ppm * 1e-6))
  }

  /** Local microseconds one frame takes. */
  get localUsPerFrame(): number {
    return this.#frameUs * (1 + this.#ppm * 1e-6)
  }

  /** The same in steady time, which is what to play by. */
  steadyAt(offset: number): LocalUs {
    return shift(this.#steady.heardAt(this.#heardAt), offset * this.steadyUsPerFrame)
  }

  /** Steady microseconds one frame takes. */
  get steadyUsPerFrame(): number {
    return this.#frameUs * (1 + this.#steady.ppmOf(this.#ppm) * 1e-6)
  }

  /** By how much the local clock has been slewed: the same object at every call. */
  get slew(): LocalSlew {
    return this.#steady.slew
  }

  /** How much faster than nominal the device consumes frames by the local clock, in ppm. */
  get devicePpm(): number {
    return -this.#ppm
  }

  /** Standard deviation of `heardAt(0)`, in µs. */
  get sigmaUs(): number {
    return Math.sqrt(this.#varianceHeard)
  }

  /** Reports since the device last started. */
  get reports(): number {
    return this.#reports
  }

  /** Times the device was found to have slipped without saying so. */
  get slips(): number {
    return this.#slips
  }

  /** Standard deviation of the rate, in ppm. */
  get #sigmaPpm(): number {
    return Math.sqrt(this.#variancePpm)
  }

  #begin(reported: LocalUs): void {
    this.#heardAt = shift(reported, this.#queuedS * this.#ppm)
    this.#varianceBoth = this.#queuedS * this.#variancePpm
    this.#varianceHeard = this.#noiseVariance + this.#queuedS * this.#varianceBoth
    this.#reports = 0
    this.#previousSurpriseUs = 0
    this.#steady.begin(this.#heardAt, this.#ppm)
    this.#restartBias()
    this.#shape.restart()
    this.#outliers = 0
  }

  #predict(nominalUs: number): void {
    const dtS = nominalUs * 1e-6
    const wander = wanderPpm * wanderPpm * dtS
    this.#steady.advance(nominalUs)
    this.#heardAt = shift(this.#heardAt, nominalUs * (1 + this.#ppm * 1e-6))
    this.#varianceHeard += dtS * (2 * this.#varianceBoth + dtS * this.#variancePpm + (dtS * wander) / 3)
    if (this.#follows === 'earliest') this.#varianceHeard += dtS * latenessWanderUs * latenessWanderUs
    this.#varianceBoth += dtS * (this.#variancePpm + wander / 2)
    this.#variancePpm += wander
    this.#outlierS += dtS
  }

  #correct({ heardAt: reported, isNeverEarly = false }: Period): void {
    const surpriseUs = this.#surpriseOf(reported)
    const limitUs = Math.max(gateUs, gateSigmas * Math.sqrt(this.#varianceReported() + this.#noiseVariance))
    this.#learnNoise(surpriseUs, limitUs)
    if (Math.abs(surpriseUs) > limitUs) this.#suspect(surpriseUs, limitUs)
    else {
      this.#outliers = 0
      if (this.#shape.add(surpriseUs)) this.#closeGroup(isNeverEarly)
      // Measured anew: the line may just have moved from the earliest reports to the mean.
      if (this.#follows === 'each') this.#believe(this.#surpriseOf(reported), this.#noiseVariance)
      if (this.#follows !== 'earliest') this.#watchBias(surpriseUs)
    }
  }

  #closeGroup(isNeverEarly: boolean): void {
    const shape = this.#shape
    const noisy = isNeverEarly ? 'earliest' : shape.telling
    // Noise as small as that of an exact driver is the rounding of positions, whatever its shape.
    const telling = this.#noiseVariance > leastNoiseUs * leastNoiseUs ? noisy : 'each'
    if (telling !== this.#follows) this.#follow(telling)
    else if (telling === 'earliest') this.#believeEarliest(shape.groupEarliestUs)
    else if (telling === 'middle' && shape.isBinComplete) this.#believeBin(shape)
  }

  #follow(telling: Telling): void {
    const isElsewhere = telling === 'earliest' || this.#follows === 'earliest'
    this.#follows = telling
    if (!isElsewhere) return
    this.#move(telling === 'earliest' ? this.#shape.earliestUs : this.#shape.meanUs)
    this.#varianceHeard += this.#noiseVariance
    this.#restartBias()
  }

  /** What is known of a bin is true of the middle of the time it took. */
  #believeBin({ binUs, binVariance }: ReportShape): void {
    const agoS = ((binReports - 1) / 2) * this.#previousFrames * this.#frameUs * 1e-6
    this.#believe(binUs, Math.max(leastNoiseUs * leastNoiseUs, binVariance), agoS)
  }

  /** The later the earliest of a group is, the later all of them were, and the less it says. */
  #believeEarliest(surpriseUs: number): void {
    const excessUs = noisePerExcess * Math.max(0, Math.min(mostLatenessUs, surpriseUs))
    const noise = Math.max(leastNoiseUs * leastNoiseUs, this.#shape.earliestVariance)
    this.#believe(surpriseUs, noise + excessUs * excessUs)
    this.#watchBias(surpriseUs)
  }

  #move(us: number): void {
    this.#heardAt = shift(this.#heardAt, us)
    this.#shape.move(us)
  }

  /** The device counts its queue in frames; who reports it has counted those at the nominal rate, for want of the true one. */
  #surpriseOf(reported: LocalUs): number {
    return reported - this.#heardAt + this.#queuedS * this.#ppm
  }

  /** Of what the line says a report will be, or says one was `agoS` earlier. */
  #varianceReported(agoS = 0): number {
    const beforeS = this.#queuedS + agoS
    return this.#varianceHeard - beforeS * (2 * this.#varianceBoth - beforeS * this.#variancePpm)
  }

  /** Takes in by how much the line is off where the report `agoS` ago measured it, which was so much and its queue earlier. */
  #believe(surpriseUs: number, noiseVariance: number, agoS = 0): void {
    const beforeS = this.#queuedS + agoS
    const heard = this.#varianceHeard - beforeS * this.#varianceBoth
    const both = this.#varianceBoth - beforeS * this.#variancePpm
    const total = this.#varianceReported(agoS) + noiseVariance
    const heardGain = heard / total
    const ppmGain = both / total
    this.#heardAt = shift(this.#heardAt, heardGain * surpriseUs)
    this.#ppm += ppmGain * surpriseUs
    this.#shape.move((heardGain - this.#queuedS * ppmGain) * surpriseUs)
    this.#variancePpm -= ppmGain * both
    this.#varianceBoth -= heardGain * both
    this.#varianceHeard -= heardGain * heard
  }

  /**
   * From how much neighbouring surprises differ (von Neumann et al. 1941): a line that is off, or runs off, surprises
   * again and again by the same and must not pass for noise, or nothing would be believed any more.
   */
  #learnNoise(surpriseUs: number, limitUs: number): void {
    const differenceUs = Math.min(limitUs, Math.abs(surpriseUs - this.#previousSurpriseUs))
    this.#previousSurpriseUs = surpriseUs
    const reports = Math.min(1 / noiseGain, this.#noiseReports + 1)
    this.#noiseReports = reports
    this.#seenVariance += (differenceUs ** 2 / 2 - this.#seenVariance) / reports
    const prior = priorReports / (1 + reports / priorFade) ** 2
    const learned = (this.#seenVariance * reports + priorNoiseUs ** 2 * prior) / (reports + prior)
    this.#noiseVariance = Math.max(leastNoiseUs * leastNoiseUs, learned)
  }

  /** One report far off is the driver's; several that agree are the device's. */
  #suspect(surpriseUs: number, limitUs: number): void {
    const agrees = this.#outliers > 0 && Math.abs(surpriseUs - this.#outlierMeanUs) < limitUs
    if (!agrees) {
      this.#outliers = 0
      this.#outlierS = 0
      this.#outlierMeanUs = 0
    }
    this.#outliers++
    this.#outlierMeanUs += (surpriseUs - this.#outlierMeanUs) / this.#outliers
    if (this.#outliers < slipReports || this.#outlierS < slipS) return
    if (Math.abs(this.#outlierMeanUs) < leastSlipUs) this.#openRate()
    else this.#steady.move(this.#outlierMeanUs)
    this.#move(this.#outlierMeanUs)
    this.#varianceHeard += this.#noiseVariance / this.#outliers
    this.#previousSurpriseUs = 0
    this.#restartBias()
    this.#shape.restart()
    this.#outliers = 0
    this.#slips++
  }

  #watchBias(surpriseUs: number): void {
    const earliest = this.#follows === 'earliest'
    const gain = earliest ? earliestBiasGain : biasGain
    this.#biasUs += gain * (surpriseUs - this.#biasUs)
    if (++this.#judged * gain < 1) return
    const chanceUs = biasSigmas * Math.sqrt(this.#varianceReported() + (this.#scatter * gain) / 2)
    if (Math.abs(this.#biasUs) <= Math.max(earliest ? earliestBiasUs : biasUs, chanceUs)) return
    this.#openRate()
    this.#varianceHeard += this.#biasUs * this.#biasUs
    this.#restartBias()
  }

  /** Variance of the reports that the line follows, µs². */
  get #scatter(): number {
    return this.#follows === 'earliest' ? this.#shape.earliestVariance : this.#noiseVariance
  }

  /** The rate is another one now: learns it anew. */
  #openRate(): void {
    if (this.#scatter < calmUs * calmUs) this.#steady.hold(this.#sigmaPpm)
    this.#variancePpm = slewedPpm * slewedPpm
    this.#varianceBoth = 0
  }

  #restartBias(): void {
    this.#biasUs = 0
    this.#judged = 0
  }
}
