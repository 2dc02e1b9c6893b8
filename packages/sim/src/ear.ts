/** Hears one room: which media leaves its loudspeaker at each true instant, and every break in it. */
import type { Plan } from '@tutti/client'
import type { ServerUs } from '@tutti/clock'

/** What is heard of one device period. */
interface HeardPeriod {
  fromUs: number
  untilUs: number
  frames: number
  count: number
  readonly segments: HeardSegment[]
}

interface HeardSegment {
  offset: number
  frames: number
  startFrame: number
  startRatio: number
  endRatio: number
}

/** Periods a card may hold, and one being heard, at most. */
const rememberedPeriods = 64
/** Frames: continuous positions differ by rounding only, far below a thousandth of a sample. */
const roundingFrames = 1e-3
/** Shorter silences are the rounding of a fade to whole frames. */
const silenceUs = 25
/** A step in what is heard against its schedule counts as a jump from here on: a quarter of a millisecond. */
const jumpUs = 250

export class Ear {
  readonly #dueAt: (frame: number) => ServerUs | undefined
  readonly #serverAt: (trueUs: number) => ServerUs
  readonly #periods = Array.from({ length: rememberedPeriods }, emptyPeriod)
  #heard = 0
  #endFrame = 0
  #endUs = 0
  #lateAtEndUs: number | undefined
  #firstSoundUs: number | undefined
  #gaps = 0
  #gapUs = 0
  #longestGapUs = 0
  #jumps = 0
  #largestJumpUs = 0
  #lastBreakUs = 0

  /**
   * @param dueAt the instant of the server's timeline a media frame belongs to
   * @param serverAt the server's clock at a true time
   */
  constructor(dueAt: (frame: number) => ServerUs | undefined, serverAt: (trueUs: number) => ServerUs) {
    this.#dueAt = dueAt
    this.#serverAt = serverAt
  }

  /** Notes a period to be heard between two true times; periods come in order. */
  hear(plan: Plan, frames: number, fromUs: number, untilUs: number): void {
    const period = this.#periods[this.#heard++ % rememberedPeriods]!
    period.fromUs = fromUs
    period.untilUs = untilUs
    period.frames = frames
    period.count = plan.count
    for (let i = 0; i < plan.count; i++) {
      const { offset, frames: length, startFrame, startRatio, endRatio } = plan.segments[i]!
      let segment = period.segments[i]
      if (!segment) period.segments[i] = segment = { offset: 0, frames: 0, startFrame: 0, startRatio: 1, endRatio: 1 }
      segment.offset = offset
      segment.frames = length
      segment.startFrame = startFrame
      segment.startRatio = startRatio
      segment.endRatio = endRatio
      this.#follow(period, segment)
    }
  }

  /** How far what is heard at a true time lags its schedule, in µs of the server's clock; undefined when silent. */
  lateUsAt(trueUs: number): number | undefined {
    const frame = this.#frameAt(trueUs)
    return frame === undefined ? undefined : this.#lateUs(trueUs, frame)
  }

  /** True time of the first sound; undefined while there has been none. */
  get firstSoundUs(): number | undefined {
    return this.#firstSoundUs
  }

  /** Silences after the first sound that have ended, how long they were together, and the longest, in µs. */
  get gaps(): { readonly count: number; readonly totalUs: number; readonly longestUs: number } {
    return { count: this.#gaps, totalUs: this.#gapUs, longestUs: this.#longestGapUs }
  }

  /** Steps of more than a quarter of a millisecond against the schedule, across silence or not. */
  get jumps(): { readonly count: number; readonly largestUs: number } {
    return { count: this.#jumps, largestUs: this.#largestJumpUs }
  }

  /** True time of the latest gap's end or jump; 0 if there was none. */
  get lastBreakUs(): number {
    return this.#lastBreakUs
  }

  #frameAt(trueUs: number): number | undefined {
    for (let i = this.#heard - 1; i >= Math.max(0, this.#heard - rememberedPeriods); i--) {
      const { fromUs, untilUs, frames, count, segments } = this.#periods[i % rememberedPeriods]!
      if (trueUs < fromUs) continue
      if (trueUs >= untilUs) return undefined
      const at = ((trueUs - fromUs) / (untilUs - fromUs)) * frames
      for (let s = 0; s < count; s++) {
        const segment = segments[s]!
        if (at >= segment.offset && at < segment.offset + segment.frames) return frameOf(segment, at - segment.offset)
      }
      return undefined
    }
    return undefined
  }

  /** Compares where a segment begins with where the one before ended. */
  #follow(period: HeardPeriod, segment: HeardSegment): void {
    const frameUs = (period.untilUs - period.fromUs) / period.frames
    const startUs = period.fromUs + segment.offset * frameUs
    const silentUs = startUs - this.#endUs
    const first = this.#firstSoundUs === undefined
    if (first) this.#firstSoundUs = startUs
    else if (silentUs > silenceUs || Math.abs(segment.startFrame - this.#endFrame) > roundingFrames) {
      this.#judgeBreak(startUs, silentUs, segment.startFrame)
    }
    this.#endFrame = frameOf(segment, segment.frames)
    this.#endUs = startUs + segment.frames * frameUs
    // One frame before the end, because at the end other media may begin.
    this.#lateAtEndUs = this.#lateUs(this.#endUs - frameUs, frameOf(segment, segment.frames - 1))
  }

  #judgeBreak(startUs: number, silentUs: number, startFrame: number): void {
    if (silentUs > silenceUs) {
      this.#gaps++
      this.#gapUs += silentUs
      this.#longestGapUs = Math.max(this.#longestGapUs, silentUs)
      this.#lastBreakUs = startUs
    }
    const lateUs = this.#lateUs(startUs, startFrame)
    if (lateUs === undefined || this.#lateAtEndUs === undefined) return
    const steppedUs = Math.abs(lateUs - this.#lateAtEndUs)
    if (steppedUs <= jumpUs) return
    this.#jumps++
    this.#largestJumpUs = Math.max(this.#largestJumpUs, steppedUs)
    this.#lastBreakUs = startUs
  }

  #lateUs(trueUs: number, frame: number): number | undefined {
    const dueAt = this.#dueAt(frame)
    return dueAt === undefined ? undefined : this.#serverAt(trueUs) - dueAt
  }
}

/** Media position `at` device frames into a segment whose rate changes linearly. */
function frameOf({ startFrame, startRatio, endRatio, frames }: HeardSegment, at: number): number {
  return startFrame + at * startRatio + (at * at * (endRatio - startRatio)) / (2 * frames)
}

const emptyPeriod = (): HeardPeriod => ({ fromUs: 0, untilUs: 0, frames: 1, count: 0, segments: [] })
