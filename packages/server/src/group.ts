/**
 * Rooms that hear the same: a deck, what gets its programme to the players, and the clients that are told about it.
 * While it plays it looks at itself a few times a second and does what has become due.
 */
import { type ServerUs, shift } from '@tutti/clock'
import type { AudioFormat } from '@tutti/protocol'
import { type AnnouncementRequest, Announcing } from './announcing.js'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import type { CoordinatorConfig } from './config.js'
import { Deck, type DeckPort } from './deck.js'
import { Delivery } from './delivery.js'
import type { ServerEvent } from './event.js'
import { GroupIntake } from './group-intake.js'
import { GroupLead } from './group-lead.js'
import { GroupRound } from './group-round.js'
import { VolumeBalance } from './group-volume.js'
import type { EncodingId, FeedId } from './input.js'
import { LiveEdge } from './live-edge.js'
import type { Member } from './member.js'
import { notify } from './notices.js'
import type { Output } from './output.js'
import { Programme } from './programme.js'
import { timeOfFrame } from './timeline.js'
import { WakePlan } from './wake-plan.js'

/** What a group needs of the house it is in. */
export interface GroupPort<Payload> {
  emit(output: Output<Payload>): void
  newFeed(): FeedId
  newEncoding(): EncodingId
}

/** Bent in within three minutes: not worth a word. */
const leastShortageMs = 100

export class Group<B extends Block, Payload> {
  readonly id: string
  readonly deck: Deck<B>
  givenName: string | undefined
  readonly volumeBalance = new VolumeBalance()
  readonly #port: GroupPort<Payload>
  readonly #members: Member<B, Payload>[] = []
  readonly #delivery: Delivery<B, Payload>
  readonly #announcing: Announcing<B, Payload>
  readonly #lead: GroupLead<B, Payload>
  readonly #intake: GroupIntake<B, Payload>
  readonly #wakePlan: WakePlan
  readonly #round: GroupRound<B, Payload>
  /** Whether live audio is less far ahead than somebody asks for. */
  #isShort = false

  constructor(id: string, config: CoordinatorConfig<B>, port: GroupPort<Payload>) {
    this.id = id
    this.#port = port
    const programme = new Programme(config.sampleRate, config.blocks)
    this.#delivery = new Delivery(id, programme, this.#members, port)
    this.#announcing = new Announcing(programme, this.#delivery, config.blocks)
    this.deck = new Deck(programme, this.#deckPort())
    this.#lead = new GroupLead(config, this.#members, this.deck, new LiveEdge(config.sampleRate, config.blocks))
    this.#intake = new GroupIntake(config, this.deck, this.#lead)
    this.#wakePlan = new WakePlan(config.paceMs)
    const parts = {
      deck: this.deck,
      delivery: this.#delivery,
      announcing: this.#announcing,
      lead: this.#lead,
      intake: this.#intake,
      wakePlan: this.#wakePlan,
    }
    this.#round = new GroupRound(config, parts, {
      isHeard: () => this.#members.some((member) => member.isReadyToPlay),
      report: (type) => this.#report({ type, group: id }),
      changed: (at) => this.#changed(at),
      save: () => this.#port.emit({ type: 'save' }),
    })
  }

  get members(): readonly Member<B, Payload>[] {
    return this.#members
  }

  get name(): string {
    if (this.givenName !== undefined) return this.givenName
    return this.#members.length === 0 ? 'Empty group' : this.#members.map((member) => member.name).join(' + ')
  }

  get isPlaying(): boolean {
    return this.deck.state === 'playing'
  }

  /** Undefined while nothing plays and nothing is to be announced. */
  get wakeAt(): ServerUs | undefined {
    return this.isPlaying || this.#announcing.isActive ? this.#wakePlan.wakeAt : undefined
  }

  // Who is in it

  add(member: Member<B, Payload>, at: ServerUs): void {
    this.#members.push(member)
    this.admit(member, at)
  }

  /** Ends the member's part in this group; the others hear nothing of it. */
  remove(member: Member<B, Payload>, at: ServerUs): void {
    this.dismiss(member)
    this.#members.splice(this.#members.indexOf(member), 1)
    this.notifyAll(at)
  }

  /** Gives a player its stream once it is ready for one; running playback takes it in, in step. */
  admit(member: Member<B, Payload>, at: ServerUs): void {
    if (!member.isReadyToPlay) return
    this.#delivery.admit(member, at, this.#lead.joinUs)
    this.#tellShortage(member)
    this.#wakePlan.hurry(at)
  }

  /** Says once who made the group need more of live audio than it has. */
  #tellShortage({ id: client, name }: Member<B, Payload>): void {
    const missingMs = Math.round(this.#lead.missingUs / 1000)
    const isShort = missingMs >= leastShortageMs
    if (isShort && !this.#isShort) this.#report({ type: 'playerShortOfLead', client, name, missingMs })
    this.#isShort = isShort
  }

  /** Ends a member's stream, because it leaves or cannot play. */
  dismiss(member: Member<B, Payload>): void {
    this.#delivery.dismiss(member)
  }

  /** Serves a player in another format from the next chunk on. */
  reformat(member: Member<B, Payload>, format: AudioFormat, at: ServerUs): void {
    this.#delivery.reformat(member, format)
    this.admit(member, at)
  }

  notifyAll(at: ServerUs): void {
    for (const member of this.#members) notify(this, member, this.#port, at)
  }

  // What it is given

  /** False when the encoder is not for this group. */
  equip(encoding: EncodingId, encoder: BlockEncoder<B, Payload>, at: ServerUs): boolean {
    this.#wakePlan.hurry(at)
    return this.#delivery.equip(encoding, encoder, at, this.#lead.joinUs)
  }

  encoderFailed(encoding: EncodingId, reason: string, at: ServerUs): boolean {
    this.#wakePlan.hurry(at)
    return this.#delivery.encoderFailed(encoding, reason, at, this.#lead.joinUs)
  }

  /** Takes a block from the current track's feed. */
  append(block: B, isHeld: boolean, at: ServerUs): void {
    this.#intake.append(block, isHeld, at)
    if (this.deck.programme.timeline === undefined) this.#wakePlan.hurry(at)
    else if (this.deck.isLive) {
      const due = shift(this.#round.sentAt, this.#lead.batchUs)
      if (due <= at) this.#wakePlan.hurry(at)
      else this.#wakePlan.comeBack(due, at)
    }
  }

  // What is asked of it

  /** Runs a change of the deck, then sees to what follows from it. */
  operate<Result>(change: (deck: Deck<B>) => Result, at: ServerUs): Result {
    const result = change(this.deck)
    this.#wakePlan.hurry(at)
    this.#changed(at)
    return result
  }

  /** The earliest instant an announcement can be heard from, as far as can be told. */
  announceableAt(at: ServerUs): ServerUs {
    const { timeline } = this.deck.programme
    if (timeline === undefined) return shift(at, this.#lead.startUs)
    return timeOfFrame(timeline, this.#delivery.encodedFrame)
  }

  /** When its clip is heard, undefined while that is open; or what is in the way. */
  announce(request: AnnouncementRequest<B, Payload>, at: ServerUs): ServerUs | undefined | string {
    if (!this.#announcing.add(request)) return 'too many announcements wait in these rooms; try again later'
    this.#announcing.advance(at)
    // What has its place is mixed in when its turn comes: not even the times at which audio is sent change.
    if (!this.#announcing.isPlaced) this.#wakePlan.hurry(at)
    return this.#announcing.lastHeardAt
  }

  /** Frees the encoders; the group is no more. */
  close(): void {
    this.#announcing.clear()
    this.deck.stop()
    this.#delivery.close()
  }

  // What it does

  /** Does what has become due. To be called no earlier than `wakeAt`. */
  wake(at: ServerUs): void {
    this.#round.perform(at)
  }

  #deckPort(): DeckPort {
    return {
      open: (entry, fromMs) => {
        const feed = this.#port.newFeed()
        this.#intake.opened(entry.location)
        this.#port.emit({ type: 'openTrack', feed, location: entry.location, fromMs: Math.round(fromMs) })
        return feed
      },
      close: (feed) => this.#port.emit({ type: 'closeTrack', feed }),
      want: (feed, frames) => this.#port.emit({ type: 'wantFrames', feed, frames }),
      cleared: () => {
        this.#delivery.clear()
        this.#announcing.restart()
        this.#round.unschedule()
      },
      halted: () => {
        this.#delivery.halt()
        this.#announcing.restart()
        this.#round.unschedule()
      },
      report: (event) => this.#report({ ...event, group: this.id }),
    }
  }

  #changed(at: ServerUs): void {
    this.notifyAll(at)
    this.#report({ type: 'changed' })
    this.#port.emit({ type: 'save' })
  }

  #report(event: ServerEvent): void {
    this.#port.emit({ type: 'event', event })
  }
}
