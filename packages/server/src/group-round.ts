/**
 * What a group does when it looks at itself: starts what is to play, has enough of it at hand, sends it, and sees when it
 * is over or there is nobody to hear it.
 */
import { type ServerUs, shift } from '@tutti/clock'
import { extendBed } from './announcement-bed.js'
import type { Announcing } from './announcing.js'
import { Attendance } from './attendance.js'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import type { Deck } from './deck.js'
import type { Delivery } from './delivery.js'
import type { GroupIntake } from './group-intake.js'
import type { GroupLead } from './group-lead.js'
import { GroupStart } from './group-start.js'
import { timeOfFrame } from './timeline.js'
import type { WakePlan } from './wake-plan.js'

/** What plays in a group, from the source to the players. */
export interface GroupParts<B extends Block, Payload> {
  readonly deck: Deck<B>
  readonly delivery: Pick<Delivery<B, Payload>, 'readiness' | 'begin' | 'advance' | 'halt'>
  readonly announcing: Pick<Announcing<B, Payload>, 'isActive' | 'advance' | 'clear'>
  readonly lead: Pick<GroupLead<B, Payload>, 'floorUs' | 'startUs' | 'joinUs' | 'sendAheadUs'>
  readonly intake: Pick<GroupIntake<B, Payload>, 'isSteady' | 'pacedEndAt' | 'keepFed'>
  readonly wakePlan: WakePlan
}

/** What a round wants of its group. */
export interface RoundPort {
  /** Whether somebody is there to hear what plays. */
  isHeard(): boolean
  report(type: 'sourceLate' | 'playbackAbandoned'): void
  /** What plays, or whether anything does, is something else than before. */
  changed(at: ServerUs): void
  save(): void
}

/** Left to sound after the last frame, for devices that hold more than they say. */
const tailUs = 100_000
/** How often a position is kept while playing. */
const saveEveryUs = 10_000_000

export class GroupRound<B extends Block, Payload> {
  readonly #parts: GroupParts<B, Payload>
  readonly #port: RoundPort
  readonly #start: GroupStart<B, Payload>
  readonly #attendance: Attendance
  #sentAt = 0 as ServerUs
  #savedAt: ServerUs | undefined

  constructor(config: Pick<CoordinatorConfig<B>, 'abandonAfterMs'>, parts: GroupParts<B, Payload>, port: RoundPort) {
    const { deck, delivery, lead, intake } = parts
    this.#parts = parts
    this.#port = port
    this.#start = new GroupStart(deck, delivery, lead, intake)
    this.#attendance = new Attendance(config.abandonAfterMs)
  }

  /** When audio was sent last; 0 before the first time. */
  get sentAt(): ServerUs {
    return this.#sentAt
  }

  /** Nothing is scheduled any more. */
  unschedule(): void {
    this.#start.reset()
    this.#attendance.reset()
  }

  /** Does what has become due. */
  perform(at: ServerUs): void {
    const { deck, delivery, announcing, wakePlan } = this.#parts
    wakePlan.look(at)
    if (this.#isPlaying ? this.#isAbandoned(at) : !announcing.isActive) return
    const { programme } = deck
    if (programme.timeline === undefined) {
      if (this.#isPlaying) this.#start.attempt(at)
      else if (!this.#start.attemptAlone(at)) announcing.clear()
    }
    announcing.advance(at)
    if (programme.timeline === undefined) return
    if (!this.#isPlaying && !announcing.isActive) {
      delivery.halt()
      programme.clear()
      this.unschedule()
      return
    }
    if (deck.listen(at)) this.#port.changed(at)
    const { endFrame } = deck.reader
    const isOver = endFrame !== undefined && at >= timeOfFrame(programme.timeline, endFrame) + tailUs
    if (isOver && !announcing.isActive) {
      deck.ended()
      this.#port.changed(at)
      return
    }
    this.#keepFed(at)
    this.#send(at)
    programme.forgetBefore(at)
    if (this.#savedAt === undefined || at - this.#savedAt >= saveEveryUs) {
      this.#savedAt = at
      this.#port.save()
    }
  }

  get #isPlaying(): boolean {
    return this.#parts.deck.state === 'playing'
  }

  #keepFed(at: ServerUs): void {
    const { deck, announcing, lead, intake, wakePlan } = this.#parts
    const { lookAgainAt, hasRunDry } = intake.keepFed(at)
    if (hasRunDry) this.#port.report('sourceLate')
    wakePlan.comeBack(lookAgainAt, at)
    const isMusicOver = !this.#isPlaying || deck.reader.endFrame !== undefined
    if (announcing.isActive && isMusicOver) extendBed(deck.programme, at, lead.startUs)
  }

  #send(at: ServerUs): void {
    const { deck, delivery, lead, wakePlan } = this.#parts
    this.#sentAt = at
    wakePlan.comeBack(delivery.advance(at, shift(at, lead.sendAheadUs)), at)
    wakePlan.comeBack(deck.programme.nextMarkAt(at), at)
  }

  #isAbandoned(at: ServerUs): boolean {
    const { deck } = this.#parts
    const isSilent = deck.programme.timeline === undefined
    const since = this.#attendance.abandonedSince(this.#port.isHeard() || isSilent, at)
    if (since === undefined) return false
    deck.pause(since)
    this.#port.report('playbackAbandoned')
    this.#port.changed(at)
    return true
  }
}
