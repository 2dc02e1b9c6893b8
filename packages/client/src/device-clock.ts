/**
 * Says when a device will be heard, from reports that jitter, come in lumps and now and then lie.
 *
 * The truth is a straight line: frames leave at the pace of one crystal. A two-state Kalman filter (when the next
 * frame is heard, how fast the crystal runs) follows that line; the noise of the reports is measured from the reports
 * themselves, so a driver that is exact to a sample is trusted at once and one that jitters by a millisecond is
 * averaged over minutes. Where the noise only ever makes reports late, the line follows the earliest of a few, where it is
 * even the middle between its edges (`report-shape.ts`, `report-edges.ts`), elsewhere every report. A single report far off is ignored; a run of them that agree is the device having slipped,
 * and the line moves there in one step. When reports are off by more than chance all the time, the rate has changed,
 * because somebody slews the local clock, and is learnt anew; what is played goes on along the line as it was
 * (`steady-line.ts`). Derivation: docs/sync-theory.md.
 */
import { type LocalUs, shift } from '@tutti/clock'
import type { Period } from './audio-output.js'
import { BiasWatch } from './bias-watch.js'
import { DeviceLine } from './device-line.js'
import type { LocalSlew } from './local-slew.js'
import { OneSidedWatch } from './one-sided-watch.js'
import { OutlierRun } from './outlier-run.js'
import { ReportEdges } from './report-edges.js'
import { leastVariance, ReportNoise } from './report-noise.js'
import { binReports, ReportShape, type Telling } from './report-shape.js'
import { SteadyLine } from './steady-line.js'

/** Deviation of a rate that a slew has changed, by up to ±500 ppm. */
const slewedPpm = 300
/** Only where reports scatter by less, µs, are they a better witness of the local clock than the session's exchanges. */
const calmUs = 80
/** Reports this many standard deviations off the line are outliers, but never those within `gateUs`. */
const gateSigmas = 6
const gateUs = 300
/** No device slips by less, µs: a smaller step is what is left to see of a rate that changed. */
const leastSlipUs = 1_000
/** A bin's middle says something of a line whose rate is known with this deviation, ppm; else reports are followed one by one. */
const leastKnownPpm = 30
/** Weight of one report in the running mean of surprises: about 32 reports of memory; and the least mean that is no chance, µs. */
const biasGain = 1 / 32
const biasUs = 30
/** The same for the earliest of groups of reports, which come and go by some 50 µs with the load of the machine. */
const earliestBiasGain = 1 / 4
const earliestBiasUs = 100
/** Where its rate is known to that, ppm, a line along the earliest reports is expected to be where the next ones are. */
const expectedPpm = 3
/** Random walk of how late the earliest reports are, µs per square root of a second: the load of the machine again. */
const latenessWanderUs = 3
/** An earliest report that is late by so much has a deviation of as much besides: nobody knows how late all of them were. */
const noisePerExcess = 1
/** But load makes them no later than this, µs. */
const mostLatenessUs = 50

export class DeviceClock {
  readonly #frameUs: number
  readonly #line = new DeviceLine()
  readonly #steady = new SteadyLine()
  readonly #noise = new ReportNoise()
  readonly #shape = new ReportShape()
  readonly #edges = new ReportEdges()
  readonly #bias = new BiasWatch(biasGain, biasUs)
  readonly #earliestBias = new BiasWatch(earliestBiasGain, earliestBiasUs)
  readonly #oneSided = new OneSidedWatch()
  readonly #outliers = new OutlierRun()
  #follows: Telling | 'edges' = 'each'
  #reports = 0
  #previousFrames = 0
  #slips = 0

  /** @param sampleRate the device's nominal rate, Hz */
  constructor(sampleRate: number) {
    this.#frameUs = 1e6 / sampleRate
  }

  /** Takes in what the device says of the period it is about to play. */
  observe(period: Period): void {
    const queuedS = period.queuedFrames * this.#frameUs * 1e-6
    if (period.restarted || this.#reports === 0) this.#begin(period.heardAt, queuedS)
    else {
      this.#advance(this.#previousFrames * this.#frameUs, queuedS)
      this.#correct(period, queuedS)
    }
    this.#steady.follow(this.#line.heardAt, this.#line.ppm, this.#line.sigmaPpm)
    this.#reports++
    this.#previousFrames = period.frames
  }

  /** When the `offset`-th frame of the period last observed is heard; `offset` may be fractional. */
  heardAt(offset: number): LocalUs {
    return shift(this.#line.heardAt, offset * this.localUsPerFrame)
  }

  /** Local microseconds one frame takes. */
  get localUsPerFrame(): number {
    return this.#frameUs * (1 + this.#line.ppm * 1e-6)
  }

  /** The same in steady time, which is what to play by. */
  steadyAt(offset: number): LocalUs {
    return shift(this.#steady.heardAt(this.#line.heardAt), offset * this.steadyUsPerFrame)
  }

  /** Steady microseconds one frame takes. */
  get steadyUsPerFrame(): number {
    return this.#frameUs * (1 + this.#steady.ppmOf(this.#line.ppm) * 1e-6)
  }

  /** By how much the local clock has been slewed: the same object at every call. */
  get slew(): LocalSlew {
    return this.#steady.slew
  }

  /** How much faster than nominal the device consumes frames by the local clock, in ppm. */
  get devicePpm(): number {
    return -this.#line.ppm
  }

  /** Standard deviation of `heardAt(0)`, in µs. */
  get sigmaUs(): number {
    return this.#line.sigmaUs
  }

  /** Reports since the device last started. */
  get reports(): number {
    return this.#reports
  }

  /** Times the device was found to have slipped without saying so. */
  get slips(): number {
    return this.#slips
  }

  #begin(reported: LocalUs, queuedS: number): void {
    this.#line.begin(reported, queuedS, this.#noise.variance)
    this.#reports = 0
    this.#noise.restart()
    this.#steady.begin(this.#line.heardAt, this.#line.ppm)
    this.#restartEdges()
    this.#restartWatches()
    this.#shape.restart()
    this.#outliers.end()
  }

  #advance(nominalUs: number, queuedS: number): void {
    const dtS = nominalUs * 1e-6
    this.#steady.advance(nominalUs)
    this.#line.advance(nominalUs, queuedS)
    this.#edges.advance(nominalUs)
    if (this.#follows === 'earliest') this.#line.doubt(dtS * latenessWanderUs * latenessWanderUs)
    this.#outliers.advance(dtS)
  }

  #correct({ heardAt: reported, isNeverEarly = false }: Period, queuedS: number): void {
    const surpriseUs = this.#line.surpriseOf(reported)
    const limitUs = Math.max(gateUs, gateSigmas * Math.sqrt(this.#line.varianceOfReport() + this.#noise.variance))
    this.#noise.learn(surpriseUs, limitUs)
    if (Math.abs(surpriseUs) > limitUs) {
      if (this.#outliers.add(surpriseUs, limitUs)) this.#slip()
      return
    }
    this.#outliers.end()
    this.#edges.add(reported, queuedS)
    this.#watchEdges()
    if (this.#shape.add(surpriseUs)) this.#closeGroup(isNeverEarly)
    if (this.#follows === 'edges') this.#shape.move(this.#line.take(this.#edges.strip))
    // Measured anew: the line may just have moved from the earliest reports to the mean.
    if (this.#follows === 'each') this.#believe(this.#line.surpriseOf(reported), this.#noise.variance)
    if (this.#follows === 'earliest') this.#watchOneSide(surpriseUs)
    else this.#watchBias(this.#bias, surpriseUs)
  }

  #closeGroup(isNeverEarly: boolean): void {
    // Noise as small as that of an exact driver is the rounding of positions, whatever its shape.
    const isNoisy = this.#noise.variance > leastVariance
    const telling = isNoisy ? this.#tellingOfNoise(isNeverEarly) : 'each'
    const shape = this.#shape
    if (telling !== this.#follows) this.#follow(telling)
    else if (telling === 'earliest') this.#believeEarliest(shape.groupEarliestUs)
    else if (telling === 'middle' && shape.isBinComplete) this.#believeBin(shape)
  }

  #tellingOfNoise(isNeverEarly: boolean): Telling | 'edges' {
    if (isNeverEarly) return 'earliest'
    const { telling } = this.#shape
    if (telling === 'earliest') return telling
    if (this.#edges.tellMost(this.#noise.variance)) return 'edges'
    return this.#line.sigmaPpm > leastKnownPpm ? 'each' : telling
  }

  #follow(telling: Telling | 'edges'): void {
    const isElsewhere = telling === 'earliest' || this.#follows === 'earliest'
    this.#follows = telling
    this.#restartWatches()
    if (!isElsewhere) return
    this.#move(telling === 'earliest' ? this.#shape.earliestUs : this.#shape.meanUs)
    this.#line.doubt(this.#noise.variance)
  }

  /** What is known of a bin is true of the middle of the time it took. */
  #believeBin({ binUs, binVariance }: ReportShape): void {
    const agoS = ((binReports - 1) / 2) * this.#previousFrames * this.#frameUs * 1e-6
    this.#believe(binUs, Math.max(leastVariance, binVariance), agoS)
  }

  /** The later the earliest of a group is, the later all of them were, and the less it says. */
  #believeEarliest(surpriseUs: number): void {
    const excessUs = noisePerExcess * Math.max(0, Math.min(mostLatenessUs, surpriseUs))
    const noise = Math.max(leastVariance, this.#shape.earliestVariance)
    this.#believe(surpriseUs, noise + excessUs * excessUs)
    this.#watchBias(this.#earliestBias, surpriseUs)
  }

  #believe(surpriseUs: number, noiseVariance: number, agoS = 0): void {
    this.#shape.move(this.#line.believe(surpriseUs, noiseVariance, agoS))
  }

  #move(us: number): void {
    this.#line.move(us)
    this.#shape.move(us)
  }

  #slip(): void {
    const { count, meanUs } = this.#outliers
    if (Math.abs(meanUs) < leastSlipUs) this.#openRate()
    else this.#steady.move(meanUs)
    this.#line.move(meanUs)
    this.#line.doubt(this.#noise.variance / count)
    this.#noise.restart()
    this.#restartWatches()
    this.#restartEdges()
    this.#shape.restart()
    this.#outliers.end()
    this.#slips++
  }

  #watchEdges(): void {
    const { movedUs } = this.#edges
    if (movedUs === 0) return
    if (this.#follows === 'edges' || this.#follows === 'middle') this.#changeRate(movedUs)
    else this.#restartEdges()
  }

  #watchBias(watch: BiasWatch, surpriseUs: number): void {
    const offUs = watch.add(surpriseUs, this.#line.varianceOfReport(), this.#scatter)
    if (offUs !== 0) this.#changeRate(offUs)
  }

  #watchOneSide(surpriseUs: number): void {
    if (this.#line.sigmaPpm > expectedPpm) return
    const movedUs = this.#oneSided.add(surpriseUs)
    if (movedUs !== 0) this.#changeRate(movedUs)
  }

  /** The line has begun to run off, and is that far from where reports are by now. */
  #changeRate(offUs: number): void {
    this.#openRate()
    this.#line.doubt(offUs * offUs)
    this.#restartWatches()
    this.#restartEdges()
  }

  /** Variance of the reports that the line follows, µs². */
  get #scatter(): number {
    return this.#follows === 'earliest' ? this.#shape.earliestVariance : this.#noise.variance
  }

  /** The rate is another one now: learns it anew. */
  #openRate(): void {
    if (this.#scatter < calmUs * calmUs) this.#steady.hold(this.#line.sigmaPpm)
    this.#line.openRate(slewedPpm)
  }

  /** What was outermost may be so no more. */
  #restartEdges(): void {
    this.#edges.begin(this.#line)
    if (this.#follows !== 'earliest') this.#follows = 'each'
  }

  #restartWatches(): void {
    this.#bias.restart()
    this.#earliestBias.restart()
    this.#oneSided.restart()
  }
}
