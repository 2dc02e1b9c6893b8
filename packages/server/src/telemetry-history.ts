/**
 * How rooms said they were doing: the last minutes reading by reading, the last day minute by minute. Bounded for each
 * room, whatever it sends; whoever owns it forgets rooms that are no more.
 */
import type { ServerUs } from '@tutti/clock'
import type { ChannelMode, ReportState, TelemetryReport } from '@tutti/protocol'

/** How a room said it was doing at one instant. */
export interface Reading {
  readonly client: string
  readonly at: ServerUs
  readonly state: ReportState
  /** How far the room lags its schedule, as it sees it itself, µs. */
  readonly lateUs: number
  /** How wrong it may be about the server's clock, µs either way, even if a clock is slewed; undefined before the first exchange. */
  readonly errorBoundUs: number | undefined
  /** Correction applied to the device's rate, ppm. */
  readonly ppm: number
  /** Speed of the server's clock against the room's, ppm. */
  readonly driftPpm: number | undefined
  readonly roundTripUs: number | undefined
  readonly bufferedMs: number
  /** Since the room started. */
  readonly starvations: number
  readonly underruns: number
  readonly jumps: number
  readonly channel: ChannelMode
  /** Name of the sound card. */
  readonly output: string | undefined
}

/** A room's past in columns of equal length, oldest first. */
export interface RoomHistory {
  readonly client: string
  /** Of the reading; of the minute's end. */
  readonly at: readonly number[]
  /** While it played, else null; of a minute, the mean. */
  readonly lateUs: readonly (number | null)[]
  /** The lowest and the highest it may have been, by its error bound. */
  readonly lowestUs: readonly (number | null)[]
  readonly highestUs: readonly (number | null)[]
  /** Of a minute, the last. */
  readonly driftPpm: readonly (number | null)[]
  /** Of a minute, the longest. */
  readonly roundTripUs: readonly (number | null)[]
  /** Of a minute, the least. */
  readonly bufferedMs: readonly number[]
  /** Starvations and underruns since the one before. */
  readonly dropouts: readonly number[]
}

export const telemetrySpans = ['minutes', 'day'] as const
export type TelemetrySpan = (typeof telemetrySpans)[number]

interface Point {
  readonly at: number
  readonly lateUs: number | null
  readonly lowestUs: number | null
  readonly highestUs: number | null
  readonly driftPpm: number | null
  readonly roundTripUs: number | null
  readonly bufferedMs: number
  readonly dropouts: number
}

/** Ten minutes of a reading a second; a day of minutes. */
const mostPoints: Readonly<Record<TelemetrySpan, number>> = { minutes: 600, day: 1440 }
/** Readings that come faster are not kept one by one. */
const leastIntervalUs = 500_000
const minuteUs = 60e6

interface Room {
  latest: Reading
  keptAt: ServerUs
  readonly minutes: Point[]
  readonly day: Point[]
  minute: Minute
}

export class TelemetryHistory {
  readonly #rooms = new Map<string, Room>()

  add(client: string, report: TelemetryReport, at: ServerUs): Reading {
    const reading = readingOf(client, report, at)
    const room = this.#rooms.get(client)
    if (room === undefined) {
      const first = pointOf(reading, undefined)
      this.#rooms.set(client, { latest: reading, keptAt: at, minutes: [first], day: [], minute: new Minute(first) })
      return reading
    }
    const point = pointOf(reading, room.latest)
    room.latest = reading
    if (at - room.minute.from >= minuteUs) {
      keep(room.day, room.minute.toPoint(), mostPoints.day)
      room.minute = new Minute(point)
    } else room.minute.add(point)
    if (at - room.keptAt >= leastIntervalUs) {
      keep(room.minutes, point, mostPoints.minutes)
      room.keptAt = at
    }
    return reading
  }

  /** The latest reading of each room, however old. */
  get latest(): readonly Reading[] {
    return [...this.#rooms.values()].map(({ latest }) => latest)
  }

  past(span: TelemetrySpan): readonly RoomHistory[] {
    return [...this.#rooms].map(([client, room]) => {
      const points = span === 'minutes' ? room.minutes : [...room.day, room.minute.toPoint()]
      return {
        client,
        at: points.map(({ at }) => at),
        lateUs: points.map(({ lateUs }) => lateUs),
        lowestUs: points.map(({ lowestUs }) => lowestUs),
        highestUs: points.map(({ highestUs }) => highestUs),
        driftPpm: points.map(({ driftPpm }) => driftPpm),
        roundTripUs: points.map(({ roundTripUs }) => roundTripUs),
        bufferedMs: points.map(({ bufferedMs }) => bufferedMs),
        dropouts: points.map(({ dropouts }) => dropouts),
      }
    })
  }

  /** Forgets every room that is not in `clients`. */
  keepOnly(clients: ReadonlySet<string>): void {
    for (const client of this.#rooms.keys()) if (!clients.has(client)) this.#rooms.delete(client)
  }
}

/** What a minute comes to. */
class Minute {
  readonly from: number
  #until: number
  #played = 0
  #lateSumUs = 0
  #lowestUs = Number.POSITIVE_INFINITY
  #highestUs = Number.NEGATIVE_INFINITY
  #driftPpm: number | null = null
  #roundTripUs: number | null = null
  #bufferedMs: number
  #dropouts = 0

  constructor(first: Point) {
    this.from = first.at
    this.#until = first.at
    this.#bufferedMs = first.bufferedMs
    this.add(first)
  }

  add({ at, lateUs, lowestUs, highestUs, driftPpm, roundTripUs, bufferedMs, dropouts }: Point): void {
    this.#until = at
    this.#driftPpm = driftPpm ?? this.#driftPpm
    if (roundTripUs !== null) this.#roundTripUs = Math.max(roundTripUs, this.#roundTripUs ?? 0)
    this.#bufferedMs = Math.min(this.#bufferedMs, bufferedMs)
    this.#dropouts += dropouts
    if (lateUs === null) return
    this.#played++
    this.#lateSumUs += lateUs
    this.#lowestUs = Math.min(this.#lowestUs, lowestUs ?? lateUs)
    this.#highestUs = Math.max(this.#highestUs, highestUs ?? lateUs)
  }

  toPoint(): Point {
    const hasPlayed = this.#played > 0
    return {
      at: this.#until,
      lateUs: hasPlayed ? this.#lateSumUs / this.#played : null,
      lowestUs: hasPlayed ? this.#lowestUs : null,
      highestUs: hasPlayed ? this.#highestUs : null,
      driftPpm: this.#driftPpm,
      roundTripUs: this.#roundTripUs,
      bufferedMs: this.#bufferedMs,
      dropouts: this.#dropouts,
    }
  }
}

function readingOf(client: string, report: TelemetryReport, at: ServerUs): Reading {
  return {
    client,
    at,
    state: report.state,
    lateUs: report.late_us,
    errorBoundUs: report.error_bound_us,
    ppm: report.correction_ppm,
    driftPpm: report.drift_ppm,
    roundTripUs: report.round_trip_us,
    bufferedMs: report.buffered_ms,
    starvations: report.starvations,
    underruns: report.underruns,
    jumps: report.jumps,
    channel: report.channel,
    output: report.output,
  }
}

function pointOf(reading: Reading, before: Reading | undefined): Point {
  const { at, state, lateUs, errorBoundUs, driftPpm = null, roundTripUs = null, bufferedMs } = reading
  const plays = state === 'playing'
  const bound = plays ? errorBoundUs : undefined
  return {
    at,
    lateUs: plays ? lateUs : null,
    lowestUs: bound === undefined ? null : lateUs - bound,
    highestUs: bound === undefined ? null : lateUs + bound,
    driftPpm,
    roundTripUs,
    bufferedMs,
    dropouts: before === undefined ? 0 : droppedSince(reading, before),
  }
}

/** Counters start again at 0 with the player. */
function droppedSince(reading: Reading, before: Reading): number {
  const now = reading.starvations + reading.underruns
  const then = before.starvations + before.underruns
  return now >= then ? now - then : now
}

function keep(points: Point[], point: Point, most: number): void {
  points.push(point)
  if (points.length > most) points.shift()
}
