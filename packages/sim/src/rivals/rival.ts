/** A way to play in step, reduced to positions: what a room asks the server, and which media it puts into each period. */
import type { MediaWindow, Period, Plan } from '@tutti/client'
import type { Exchange, LocalUs, ServerUs } from '@tutti/clock'
import type { Random } from '../random.js'
import type { CardTraits } from '../sim-card.js'

/** What a rival knows of the room it plays in. */
export interface RivalRoom {
  readonly random: Random
  /** Of the media and, nominally, of the sound card, Hz. */
  readonly sampleRate: number
  readonly media: RivalMedia
  /** Puts what the plan says into the period being asked for. */
  play(plan: Plan, frames: number): void
}

/** What has arrived so far. Frame 0 is due at `firstDueAt`, frame n n sample durations later. */
export interface RivalMedia extends MediaWindow {
  /** Undefined until the first packet has arrived. */
  readonly firstDueAt: ServerUs | undefined
}

/** What a room says to the server when its time has come, besides when it says so. */
export interface Remark {
  /** Milliseconds of the stream heard by then, for a server that decides itself who is out of step. */
  readonly heardMs?: number | undefined
}

/** What a server tells one room, for those rivals whose server decides. */
export type Order =
  /** Be heard from the first frame on at this local time, in ms. */
  { readonly type: 'startAt'; readonly atMs: number } | { readonly type: 'skip'; readonly byMs: number }

export interface RivalPlayer {
  /** When to speak to the server next. */
  readonly remarkDueAt: LocalUs | undefined
  /** The room speaks to the server at `at`. */
  remark(at: LocalUs): Remark
  /** What the server's answer says about the clocks. */
  answered(exchange: Exchange): void
  obey(order: Order): void
  /** Calls `play` of its room once, or not at all for silence. */
  render(period: Period): void
  /** Single frames dropped or repeated so far. */
  readonly slips: number
}

/** A server that decides; the others only stamp and answer. */
export interface Conductor {
  noted(room: number, sentAt: LocalUs, remark: Remark, receivedAt: ServerUs): void
  /** The stream begins: tell the rooms when to be heard. */
  begin(at: ServerUs): void
  /** Called about once a second. */
  check(at: ServerUs): void
}

export interface Rival {
  readonly name: string
  /** Where its own way to drive a sound card differs. */
  readonly card?: Partial<CardTraits>
  /** Media sent ahead of its time, in seconds; Snapcast's default of 1 where it is not said. */
  readonly bufferS?: number
  readonly create: (room: RivalRoom, at: LocalUs) => RivalPlayer
  readonly conduct?: (rooms: number, tell: (room: number, order: Order) => void) => Conductor
}

/** A plan of one run of frames at the device's own pace, or of two with a cut between them. */
export class PlainPlan implements Plan {
  count = 0
  readonly segments = [emptySegment(), emptySegment()]

  clear(): void {
    this.count = 0
  }

  /** Device frames from `offset` on play media frames from `startFrame` on, one for one. */
  add(offset: number, frames: number, startFrame: number): void {
    const segment = this.segments[this.count++]!
    segment.offset = offset
    segment.frames = frames
    segment.startFrame = startFrame
  }
}

const emptySegment = () => ({
  offset: 0,
  frames: 0,
  startFrame: 0,
  startRatio: 1,
  endRatio: 1,
  startGain: 1,
  endGain: 1,
})
