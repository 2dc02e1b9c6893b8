/**
 * Snapcast's client, 0.19 to 0.34, as described from its source (client/time_provider.cpp, client/stream.cpp): the plain
 * median of the last 200 offsets, a dead zone of 100 µs, a rate in proportion to the error beyond it that is made by
 * dropping or repeating single frames, and a hard resync when that will not do.
 *
 * Not modelled: that a time request unanswered for 2 s tears the playback down, and the slicing of corrections within a
 * period (at most one frame is cut here, in its middle, which is where slicing puts one).
 */
import type { Period } from '@tutti/client'
import { type Exchange, type LocalUs, measureOffset, shift } from '@tutti/clock'
import { PlainPlan, type Remark, type RivalPlayer, type RivalRoom } from './rival.js'

/** ALSA's queue as Snapcast configures it: 80 ms in four periods. */
export const snapcastCard = { periodFrames: 960, bufferPeriods: 4 } as const

const offsetsKept = 200
const offsetsExpireUs = 60e6
const quickProbes = 50
const quickIntervalUs = 100
const steadyIntervalUs = 1e6

/** Ages kept for the three medians, in periods. */
const miniLength = 20
const shortLength = 100
const longLength = 500
const medianEveryUs = 1e6

/** Soft sync begins beyond these, µs: the short median, and the mini median and the age itself. */
const softShortUs = 100
const softNowUs = 50
const ppmPerUs = 0.5
const maxPpm = 500

/** Hard sync: each median has its limit, and the age must be this far off as well. All µs. */
const hardLongUs = 2_000
const hardShortUs = 5_000
const hardMiniUs = 50_000
const hardNowUs = 500
const hardAgeUs = 500_000

export class SnapcastPlayer implements RivalPlayer {
  slips = 0
  readonly #room: RivalRoom
  readonly #plan = new PlainPlan()
  readonly #frameUs: number
  readonly #offsets = new Recent(offsetsKept)
  #offsetUs: number | undefined
  #answeredAt: LocalUs | undefined
  #quickLeft = quickProbes
  #dueAt: LocalUs | undefined

  readonly #mini = new Recent(miniLength)
  readonly #short = new Recent(shortLength)
  readonly #long = new Recent(longLength)
  #shortMedianUs = 0
  #longMedianUs = 0
  #mediansAt: LocalUs | undefined
  #isHardSyncing = true
  #playhead = 0
  #ppm = 0
  /** Frames played since the last one dropped or repeated. */
  #sinceCut = 0

  constructor(room: RivalRoom, at: LocalUs) {
    this.#room = room
    this.#frameUs = 1e6 / room.sampleRate
    this.#dueAt = at
  }

  get remarkDueAt(): LocalUs | undefined {
    return this.#dueAt
  }

  remark(at: LocalUs): Remark {
    this.#dueAt = this.#quickLeft > 0 ? undefined : shift(at, steadyIntervalUs) // quick ones wait for their answer
    return {}
  }

  answered(exchange: Exchange): void {
    const { replyReceivedAt } = exchange
    if (this.#answeredAt !== undefined && replyReceivedAt - this.#answeredAt > offsetsExpireUs) this.#offsets.clear()
    this.#answeredAt = replyReceivedAt
    this.#offsets.add(measureOffset(exchange).offsetUs)
    this.#offsetUs = this.#offsets.median
    if (this.#quickLeft === 0) return
    this.#quickLeft--
    this.#dueAt = shift(replyReceivedAt, this.#quickLeft > 0 ? quickIntervalUs : steadyIntervalUs)
  }

  obey(): void {} // nobody conducts it

  render({ frames, heardAt }: Period): void {
    const { firstDueAt } = this.#room.media
    if (this.#offsetUs === undefined || firstDueAt === undefined) return
    const due = (heardAt + this.#offsetUs - firstDueAt) / this.#frameUs
    this.#plan.clear()
    if (this.#isHardSyncing) this.#resync(due, frames)
    else this.#follow(due, frames, heardAt)
    if (this.#plan.count > 0) this.#room.play(this.#plan, frames)
  }

  /** Plays whole frames from where the schedule is now, after silence if it has not begun. */
  #resync(due: number, frames: number): void {
    const wait = Math.max(0, Math.ceil(-due))
    if (wait >= frames) return
    const start = Math.round(due + wait)
    if (start + frames - wait > this.#room.media.endFrame) return
    this.#plan.add(wait, frames - wait, start)
    this.#playhead = start + frames - wait
    this.#isHardSyncing = false
    this.#ppm = 0
    this.#sinceCut = 0
    for (const ages of [this.#mini, this.#short, this.#long]) ages.clear()
    this.#shortMedianUs = 0
    this.#longMedianUs = 0
  }

  #follow(due: number, frames: number, heardAt: LocalUs): void {
    const cut = this.#cut(frames)
    if (this.#playhead + frames + cut > this.#room.media.endFrame) return // silence; the age tells next time
    const ageUs = (due - this.#playhead - cut) * this.#frameUs
    if (cut === 0) this.#plan.add(0, frames, this.#playhead)
    else {
      const half = frames >> 1
      this.#plan.add(0, half, this.#playhead)
      this.#plan.add(half, frames - half, this.#playhead + half + cut)
      this.slips += Math.abs(cut)
    }
    this.#playhead += frames + cut
    this.#isHardSyncing = this.#mustResync(Math.abs(ageUs))
    this.#ppm = this.#isHardSyncing ? 0 : this.#softPpm(ageUs)
    for (const ages of [this.#mini, this.#short, this.#long]) ages.add(ageUs)
    if (this.#mediansAt !== undefined && heardAt < shift(this.#mediansAt, medianEveryUs)) return
    this.#mediansAt = heardAt
    this.#shortMedianUs = this.#short.median
    this.#longMedianUs = this.#long.median
  }

  /** Frames to skip (positive) or repeat in this period: one in every 10⁶ / ppm. */
  #cut(frames: number): number {
    if (this.#ppm === 0) return 0
    const every = Math.round(1e6 / Math.abs(this.#ppm))
    this.#sinceCut += frames
    const count = Math.floor(this.#sinceCut / every)
    this.#sinceCut %= every
    return Math.sign(this.#ppm) * count
  }

  #mustResync(ageUs: number): boolean {
    if (ageUs > hardAgeUs) return true
    if (ageUs <= hardNowUs) return false
    return (
      (this.#long.isFull && Math.abs(this.#longMedianUs) > hardLongUs) ||
      (this.#short.isFull && Math.abs(this.#shortMedianUs) > hardShortUs) ||
      (this.#mini.isFull && Math.abs(this.#mini.median) > hardMiniUs)
    )
  }

  #softPpm(ageUs: number): number {
    if (!this.#short.isFull) return 0
    const side = Math.sign(this.#shortMedianUs)
    const isOff = side * this.#shortMedianUs > softShortUs
    const isOffNow = side * this.#mini.median > softNowUs && side * ageUs > softNowUs
    return isOff && isOffNow ? side * Math.min(maxPpm, ppmPerUs * side * this.#shortMedianUs) : 0
  }
}

/** The last so many figures. */
class Recent {
  readonly #length: number
  readonly #figures: number[] = []

  constructor(length: number) {
    this.#length = length
  }

  add(figure: number): void {
    this.#figures.push(figure)
    if (this.#figures.length > this.#length) this.#figures.shift()
  }

  clear(): void {
    this.#figures.length = 0
  }

  get isFull(): boolean {
    return this.#figures.length === this.#length
  }

  /** 0 when empty. */
  get median(): number {
    const sorted = Float64Array.from(this.#figures).sort()
    return sorted[sorted.length >> 1] ?? 0
  }
}
