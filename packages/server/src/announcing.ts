/** Announcements of one group, one after the other: gathers who hears one, finds its place, and lets go of it after. */
import type { ServerUs } from '@tutti/clock'
import { type Announcement, PlacedAnnouncement } from './announcement.js'
import type { Block, BlockFactory } from './block.js'
import type { Delivery } from './delivery.js'
import type { Member } from './member.js'
import type { Programme } from './programme.js'
import { frameAtTime, type Timeline, timeOfFrame } from './timeline.js'

export interface AnnouncementRequest<B extends Block, Payload> {
  readonly announcement: Announcement<B>
  readonly hearers: ReadonlySet<Member<B, Payload>>
  /** Other groups cannot begin before. */
  readonly notBefore: ServerUs
}

/** What waits is heard minutes later; nobody means that. */
const mostWaiting = 8
/** How long an announcement waits for encoders of its own. */
const gatherPatienceUs = 1_000_000

export class Announcing<B extends Block, Payload> {
  readonly #programme: Programme<B>
  readonly #delivery: Delivery<B, Payload>
  readonly #factory: BlockFactory<B>
  #queue: AnnouncementRequest<B, Payload>[] = []
  /** Of the first in the queue. */
  #placed: PlacedAnnouncement<B> | undefined
  #gatheredSince: ServerUs | undefined

  constructor(programme: Programme<B>, delivery: Delivery<B, Payload>, factory: BlockFactory<B>) {
    this.#programme = programme
    this.#delivery = delivery
    this.#factory = factory
  }

  get isActive(): boolean {
    return this.#queue.length > 0
  }

  /** False when too many wait already. */
  add(request: AnnouncementRequest<B, Payload>): boolean {
    if (this.#queue.length >= mostWaiting) return false
    this.#queue.push(request)
    return true
  }

  /** Whether nothing but the time is waited for. */
  get isPlaced(): boolean {
    return this.#placed !== undefined
  }

  /**
   * When the clip that was added last is heard, as far as can be told before it has its place; undefined when nothing
   * plays yet, or another comes before it.
   */
  get lastHeardAt(): ServerUs | undefined {
    const { timeline } = this.#programme
    const request = this.#queue[0]
    if (request === undefined || timeline === undefined || this.#queue.length > 1) return undefined
    const startFrame = this.#placed?.startFrame ?? this.#startFrame(request, timeline)
    return timeOfFrame(timeline, startFrame + request.announcement.fadeFrames)
  }

  /** Does what has become due. */
  advance(at: ServerUs): void {
    const { timeline } = this.#programme
    if (this.#placed !== undefined && timeline !== undefined && at >= timeOfFrame(timeline, this.#placed.endFrame)) {
      this.#queue.shift()
      this.#placed = undefined
      this.#gatheredSince = undefined
      this.#delivery.disperse()
    }
    const request = this.#queue[0]
    if (request === undefined || this.#placed !== undefined) return
    if (this.#gatheredSince === undefined) {
      this.#gatheredSince = at
      this.#delivery.gather(request.hearers)
    }
    if (timeline === undefined) return
    if (!this.#delivery.isGathered && at < this.#gatheredSince + gatherPatienceUs) return
    this.#placed = new PlacedAnnouncement(request.announcement, this.#startFrame(request, timeline), this.#factory)
    this.#delivery.place(this.#placed)
  }

  /** What was scheduled is void: what was being said is said again, from its beginning, with what follows. */
  restart(): void {
    this.#placed = undefined
    this.#delivery.place(undefined)
  }

  /** Nobody who is to hear it has been sent anything of it, and all of them hear it from the same frame on. */
  #startFrame({ notBefore }: AnnouncementRequest<B, Payload>, timeline: Timeline): number {
    return Math.max(this.#delivery.encodedFrame, Math.ceil(frameAtTime(timeline, notBefore)))
  }

  clear(): void {
    this.#queue = []
    this.#placed = undefined
    this.#gatheredSince = undefined
    this.#delivery.disperse()
  }
}
