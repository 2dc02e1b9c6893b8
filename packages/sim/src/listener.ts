/**
 * The only one in the world who may compare the rooms: samples what each of them plays at the same true instant and
 * keeps how far apart they are, and how far each is from what the server meant.
 */
import { Distribution } from './distribution.js'
import type { Ear } from './ear.js'
import { SpreadSeries } from './spread-series.js'
import type { Alarm, World } from './world.js'

export interface ListenerTraits {
  /** Time between samples, in seconds. */
  readonly everyS: number
  /** Samples count for the distributions this long after every room there has first been heard, in seconds. */
  readonly warmUpS: number
  /** Rooms are in step while no two are further apart than this, in µs. */
  readonly inStepUs: number
  /** Length of the run, in seconds: what the series over time is divided into. */
  readonly lengthS: number
}

/** What was heard of one room. */
export interface HeardRoom {
  /** Distance from the server's schedule, either way. */
  readonly error: Distribution
  sumLateUs: number
  /** The latest sample; undefined when silent. */
  lateUs: number | undefined
}

export class Listener {
  readonly #world: World
  readonly #ears: readonly Ear[]
  readonly #traits: ListenerTraits
  readonly #alarm: Alarm
  readonly spread = new Distribution()
  readonly series: SpreadSeries
  readonly rooms: readonly HeardRoom[]
  #firstSoundUs: number | undefined
  #allHeardUs: number | undefined
  #lastOutOfStepUs: number | undefined
  #spreadUs: number | undefined

  constructor(world: World, ears: readonly Ear[], traits: ListenerTraits) {
    this.#world = world
    this.#ears = ears
    this.#traits = traits
    this.series = new SpreadSeries(traits.lengthS)
    this.rooms = ears.map(() => ({ error: new Distribution(), sumLateUs: 0, lateUs: undefined }))
    this.#alarm = world.alarm(() => this.#sample())
    this.#alarm.set(world.nowUs)
  }

  /** Distance from the earliest to the latest of the rooms heard at the latest sample, in µs; undefined for fewer than two. */
  get spreadUs(): number | undefined {
    return this.#spreadUs
  }

  /** True time since when the rooms have been in step without a break, all of those that sound; undefined when they are not. */
  get inStepSinceUs(): number | undefined {
    if (this.#allHeardUs === undefined || this.#lastOutOfStepUs === this.#world.nowUs) return undefined
    return Math.max(this.#allHeardUs, this.#lastOutOfStepUs ?? 0)
  }

  /** From the first sound until the rooms were in step for good, in seconds; until now while they are not. */
  get settleS(): number {
    const untilUs = this.inStepSinceUs ?? this.#world.nowUs
    return (untilUs - (this.#firstSoundUs ?? untilUs)) / 1e6
  }

  #sample(): void {
    const nowUs = this.#world.nowUs
    const counts = this.#allHeardUs !== undefined && nowUs >= this.#allHeardUs + this.#traits.warmUpS * 1e6
    let earliestUs = Infinity
    let latestUs = -Infinity
    let heard = 0
    for (let i = 0; i < this.#ears.length; i++) {
      const room = this.rooms[i]!
      room.lateUs = this.#ears[i]!.lateUsAt(nowUs)
      if (room.lateUs === undefined) continue
      heard++
      earliestUs = Math.min(earliestUs, room.lateUs)
      latestUs = Math.max(latestUs, room.lateUs)
      if (!counts) continue
      room.error.add(Math.abs(room.lateUs))
      room.sumLateUs += room.lateUs
    }
    this.#judge(nowUs, heard, counts, latestUs - earliestUs)
    this.#alarm.set(nowUs + this.#traits.everyS * 1e6)
  }

  #judge(nowUs: number, heard: number, counts: boolean, spreadUs: number): void {
    if (heard > 0) this.#firstSoundUs ??= nowUs
    if (heard === this.#ears.length) this.#allHeardUs ??= nowUs
    this.#spreadUs = heard >= 2 ? spreadUs : undefined
    if (this.#spreadUs === undefined) return
    if (spreadUs > this.#traits.inStepUs) this.#lastOutOfStepUs = nowUs
    if (!counts) return
    this.spread.add(spreadUs)
    this.series.add(nowUs / 1e6, spreadUs)
  }
}
