/**
 * Lyrion Music Server with squeezelite players, as described from their sources (Slim/Player/StreamingController.pm,
 * Client.pm; squeezelite's slimproto.c and output.c): each player reports its clock and what it has played in whole
 * milliseconds, the server maps clocks by the smallest delay seen, and whoever is 10 ms or more behind the one furthest
 * ahead is told to skip. Between corrections every card runs at its own pace.
 *
 * Not modelled: the pull of the stream over HTTP (media is there), and the fixed 2 ms the server adds for the network,
 * which is the same for all.
 */
import type { Period } from '@tutti/client'
import { type LocalUs, type ServerUs, shift } from '@tutti/clock'
import { type Conductor, type Order, PlainPlan, type Remark, type RivalPlayer, type RivalRoom } from './rival.js'

const statusEveryUs = 1e6
/** A start is announced so long before. */
const startLeadMs = 200
/** The least deviation that is corrected. The server's default is 30; 10 is what it allows for players that can skip. */
const leastSkipMs = 10
const mostSkipMs = 10_000
/** Reports older than this are not compared. */
const freshUs = 3e6

/** A delay above the smallest known is a drift, not a queue, when so many in a row are all at least this much above. */
const epochsKept = 50
const epochsOfADrift = 10
const leastDriftMs = 1

export class SqueezelitePlayer implements RivalPlayer {
  readonly slips = 0
  readonly #room: RivalRoom
  readonly #plan = new PlainPlan()
  readonly #frameUs: number
  #dueAt: LocalUs
  #startAtMs: number | undefined
  #playhead: number | undefined
  #skipFrames = 0
  /** The media frame last handed over, and when the card says it will be heard. */
  #heardFrame = 0
  #heardAt: LocalUs | undefined

  constructor(room: RivalRoom, at: LocalUs) {
    this.#room = room
    this.#frameUs = 1e6 / room.sampleRate
    this.#dueAt = at
  }

  get remarkDueAt(): LocalUs {
    return this.#dueAt
  }

  remark(at: LocalUs): Remark {
    this.#dueAt = shift(at, statusEveryUs)
    if (this.#heardAt === undefined) return {}
    return { heardMs: Math.floor((this.#heardFrame * this.#frameUs + at - this.#heardAt) / 1000) }
  }

  answered(): void {} // the server keeps the clocks

  obey(order: Order): void {
    if (order.type === 'startAt') this.#startAtMs = order.atMs
    else {
      this.#skipFrames += Math.round((order.byMs * 1000) / this.#frameUs)
      this.#heardAt = undefined
    }
  }

  render({ frames, heardAt }: Period): void {
    if (this.#startAtMs === undefined) return
    const wait = this.#playhead === undefined ? Math.round((this.#startAtMs * 1000 - heardAt) / this.#frameUs) : 0
    if (wait >= frames) return
    const offset = Math.max(0, wait)
    const start = (this.#playhead ?? 0) + this.#skipFrames
    const end = start + frames - offset
    if (end > this.#room.media.endFrame) return
    this.#skipFrames = 0
    this.#plan.clear()
    this.#plan.add(offset, frames - offset, start)
    this.#room.play(this.#plan, frames)
    this.#playhead = end
    this.#heardFrame = start
    this.#heardAt = shift(heardAt, offset * this.#frameUs)
  }
}

interface KnownPlayer {
  /** Server time, in ms, at which the player's clock read 0, by the fastest report so far. */
  epochMs: number
  readonly aboveMs: number[]
  /** Server time, in ms, at which its stream seems to have begun; undefined until it has said. */
  beganMs: number | undefined
  reportedAt: ServerUs
}

export class SqueezeConductor implements Conductor {
  readonly #players = new Map<number, KnownPlayer>()
  readonly #tell: (room: number, order: Order) => void

  constructor(tell: (room: number, order: Order) => void) {
    this.#tell = tell
  }

  noted(room: number, sentAt: LocalUs, { heardMs }: Remark, receivedAt: ServerUs): void {
    const jiffiesMs = Math.floor(sentAt / 1000)
    const epochMs = receivedAt / 1000 - jiffiesMs
    const player = this.#players.get(room) ?? { epochMs, aboveMs: [], beganMs: undefined, reportedAt: receivedAt }
    this.#players.set(room, player)
    trackEpoch(player, epochMs)
    player.reportedAt = receivedAt
    player.beganMs = heardMs === undefined ? undefined : player.epochMs + jiffiesMs - heardMs
  }

  begin(at: ServerUs): void {
    for (const [room, { epochMs }] of this.#players)
      this.#tell(room, { type: 'startAt', atMs: Math.round(at / 1000 + startLeadMs - epochMs) })
  }

  check(at: ServerUs): void {
    const points = [...this.#players].flatMap(([room, { beganMs, reportedAt }]) =>
      beganMs === undefined || at - reportedAt > freshUs ? [] : [{ room, beganMs }],
    )
    if (points.length < this.#players.size) return
    const aheadMs = Math.min(...points.map(({ beganMs }) => beganMs))
    for (const { room, beganMs } of points) {
      const behindMs = beganMs - aheadMs
      if (behindMs < leastSkipMs || behindMs > mostSkipMs) continue
      this.#players.get(room)!.beganMs = undefined
      this.#tell(room, { type: 'skip', byMs: Math.round(behindMs) })
    }
  }
}

function trackEpoch(player: KnownPlayer, epochMs: number): void {
  if (epochMs < player.epochMs) {
    player.epochMs = epochMs
    player.aboveMs.length = 0
    return
  }
  player.aboveMs.push(epochMs - player.epochMs)
  if (player.aboveMs.length > epochsKept) player.aboveMs.shift()
  const leastMs = Math.min(...player.aboveMs)
  if (player.aboveMs.length < epochsOfADrift || leastMs <= leastDriftMs) return
  player.epochMs += leastMs
  for (let i = 0; i < player.aboveMs.length; i++) player.aboveMs[i]! -= leastMs
}
