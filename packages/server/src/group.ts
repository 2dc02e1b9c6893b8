/**
 * Rooms that hear the same: a deck, what gets its programme to the players, and the clients that are told about it.
 * While it plays it looks at itself a few times a second and does what has become due.
 */
import { type ServerUs, shift } from '@tutti/clock'
import { type AudioFormat, roles, type ServerMessage } from '@tutti/protocol'
import { type AnnouncementRequest, Announcing } from './announcing.js'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import type { CoordinatorConfig } from './config.js'
import { Deck, type DeckPort } from './deck.js'
import { Delivery } from './delivery.js'
import type { ServerEvent } from './event.js'
import { GroupLead } from './group-lead.js'
import { VolumeBalance } from './group-volume.js'
import type { EncodingId, FeedId } from './input.js'
import { LiveEdge } from './live-edge.js'
import { leastLeadUs } from './location.js'
import type { Member } from './member.js'
import { controllerOf, groupUpdate, metadataOf } from './notices.js'
import type { Output } from './output.js'
import { Programme } from './programme.js'
import { frameAtTime, timeOfFrame } from './timeline.js'

/** What a group needs of the house it is in. */
export interface GroupPort<Payload> {
  emit(output: Output<Payload>): void
  newFeed(): FeedId
  newEncoding(): EncodingId
}

/** Audio at hand before a buffered track starts. */
const primeUs = 500_000
/** How long a start waits for encoders that are still being made. */
const encoderPatienceUs = 1_000_000
/** Silence kept at hand for an announcement beyond what has to be sent: music that is begun meanwhile follows it. */
const aloneAheadUs = 500_000
/** One gap that can be heard as such is better than many small ones. */
const gapUs = 100_000
/** Left to sound after the last frame, for devices that hold more than they say. */
const tailUs = 100_000
/** How often a position is kept while playing. */
const saveEveryUs = 10_000_000
/** Something that is due but does not come must not make us spin. */
const leastPauseUs = 2000

export class Group<B extends Block, Payload> {
  readonly id: string
  readonly deck: Deck<B>
  givenName: string | undefined
  readonly volumeBalance = new VolumeBalance()
  readonly #config: CoordinatorConfig<B>
  readonly #port: GroupPort<Payload>
  readonly #members: Member<B, Payload>[] = []
  readonly #delivery: Delivery<B, Payload>
  readonly #announcing: Announcing<B, Payload>
  readonly #lead: GroupLead<B, Payload>
  /** Whether the source of what came last waits for us, though it is live. */
  #isHeld = false
  /** Whether too little was at hand at the last look. */
  #isLate = false
  #wakeAt: ServerUs | undefined
  #sentAt = 0 as ServerUs
  /** Since when a start that could be made waits for more encoders. */
  #primedAt: ServerUs | undefined
  /** Since when nobody has been there to hear what plays. */
  #aloneSince: ServerUs | undefined
  #savedAt: ServerUs | undefined

  constructor(id: string, config: CoordinatorConfig<B>, port: GroupPort<Payload>) {
    this.id = id
    this.#config = config
    this.#port = port
    const programme = new Programme(config.sampleRate, config.blocks)
    this.#delivery = new Delivery(id, programme, this.#members, port)
    this.#announcing = new Announcing(programme, this.#delivery, config.blocks)
    this.deck = new Deck(programme, this.#deckPort())
    this.#lead = new GroupLead(config, this.#members, this.deck, new LiveEdge(config.sampleRate, config.blocks))
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

  /** Undefined while nothing plays. */
  get wakeAt(): ServerUs | undefined {
    return this.isPlaying || this.#announcing.isActive ? this.#wakeAt : undefined
  }

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
    this.#hurry(at)
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

  /** False when the encoder is not for this group. */
  equip(encoding: EncodingId, encoder: BlockEncoder<B, Payload>, at: ServerUs): boolean {
    this.#hurry(at)
    return this.#delivery.equip(encoding, encoder, at, this.#lead.joinUs)
  }

  encoderFailed(encoding: EncodingId, reason: string, at: ServerUs): boolean {
    this.#hurry(at)
    return this.#delivery.encoderFailed(encoding, reason, at, this.#lead.joinUs)
  }

  /** Runs a change of the deck, then sees to what follows from it. */
  operate<Result>(change: (deck: Deck<B>) => Result, at: ServerUs): Result {
    const result = change(this.deck)
    this.#hurry(at)
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
    if (!this.#announcing.isPlaced) this.#hurry(at)
    return this.#announcing.lastHeardAt
  }

  /** Takes a block from the current track's feed. */
  append(block: B, isHeld: boolean, at: ServerUs): void {
    this.#isHeld = isHeld
    if (this.deck.isLive && !isHeld) this.#appendLive(block, at)
    else this.deck.append(this.deck.isLive ? this.#edge.shape(block) : block)
    if (this.deck.programme.timeline === undefined) this.#hurry(at)
    else if (this.deck.isLive) {
      const due = shift(this.#sentAt, this.#lead.batchUs)
      if (due <= at) this.#hurry(at)
      else this.#comeBack(due, at)
    }
  }

  /** Does what has become due. To be called no earlier than `wakeAt`. */
  wake(at: ServerUs): void {
    this.#wakeAt = shift(at, this.#config.paceMs * 1000)
    if (this.isPlaying ? this.#isAbandoned(at) : !this.#announcing.isActive) return
    const { programme } = this.deck
    if (programme.timeline === undefined) {
      if (this.isPlaying) this.#tryStart(at)
      else this.#startAlone(at)
    }
    this.#announcing.advance(at)
    if (programme.timeline === undefined) return
    if (!this.isPlaying && !this.#announcing.isActive) {
      this.#delivery.halt()
      programme.clear()
      this.#settle()
      return
    }
    if (this.deck.listen(at)) this.#changed(at)
    const { endFrame } = this.deck
    const isOver = endFrame !== undefined && at >= timeOfFrame(programme.timeline, endFrame) + tailUs
    if (isOver && !this.#announcing.isActive) {
      this.deck.ended()
      this.#changed(at)
      return
    }
    this.#keepFed(at)
    this.#carryAnnouncement(at)
    this.#sentAt = at
    this.#comeBack(this.#delivery.advance(at, shift(at, this.#lead.sendAheadUs)), at)
    this.#comeBack(programme.nextMarkAt(at), at)
    programme.forgetBefore(at)
    if (this.#savedAt === undefined || at - this.#savedAt >= saveEveryUs) {
      this.#savedAt = at
      this.#port.emit({ type: 'save' })
    }
  }

  /** Tells a member what it does not know yet about its group. */
  notify(member: Member<B, Payload>, at: ServerUs): void {
    if (!member.isConnected) return
    const update = groupUpdate(this, this.isPlaying)
    this.#tell(member, 'group', { type: 'group/update', payload: update }, JSON.stringify(update))
    if (member.roles.includes(roles.controller)) {
      const controller = controllerOf(this.deck, this.#members)
      this.#tell(member, 'controller', { type: 'server/state', payload: { controller } }, JSON.stringify(controller))
    }
    if (member.roles.includes(roles.metadata)) {
      const metadata = metadataOf(this.deck, at)
      // A position that only runs on is no news.
      const { playback_speed, track_duration } = metadata.progress ?? {}
      const progress = [this.deck.epoch, playback_speed, track_duration]
      const news = JSON.stringify({ ...metadata, timestamp: 0, progress })
      this.#tell(member, 'metadata', { type: 'server/state', payload: { metadata } }, news)
    }
  }

  notifyAll(at: ServerUs): void {
    for (const member of this.#members) this.notify(member, at)
  }

  /** Frees the encoders; the group is no more. */
  close(): void {
    this.#announcing.clear()
    this.deck.stop()
    this.#delivery.close()
  }

  get #edge(): LiveEdge<B> {
    return this.#lead.edge
  }

  #deckPort(): DeckPort {
    return {
      open: (entry, fromMs) => {
        const feed = this.#port.newFeed()
        const { sampleRate, blocks } = this.#config
        this.#lead.edge = new LiveEdge(sampleRate, blocks, leastLeadUs(entry.location))
        this.#isHeld = false
        this.#port.emit({ type: 'openTrack', feed, location: entry.location, fromMs: Math.round(fromMs) })
        return feed
      },
      close: (feed) => this.#port.emit({ type: 'closeTrack', feed }),
      want: (feed, frames) => this.#port.emit({ type: 'wantFrames', feed, frames }),
      cleared: () => {
        this.#delivery.clear()
        this.#announcing.restart()
        this.#settle()
      },
      halted: () => {
        this.#delivery.halt()
        this.#announcing.restart()
        this.#settle()
      },
      report: (event) => this.#report({ ...event, group: this.id }),
    }
  }

  /** Nothing is scheduled any more. */
  #settle(): void {
    this.#primedAt = undefined
    this.#aloneSince = undefined
  }

  #appendLive(block: B, at: ServerUs): void {
    const { deck } = this
    const { programme } = deck
    const { timeline } = programme
    const edge = this.#edge
    edge.received(block.length, at)
    if (timeline === undefined) {
      deck.append(edge.shape(block))
      // What is old when playback begins would keep everything after it late.
      if (edge.isPaced) programme.keepLastBlock()
      return
    }
    const neededUs = this.#lead.liveUs
    const leadUs = timeOfFrame(timeline, programme.endFrame + block.length) - at
    const isUnheard = (deck.isBeginning || programme.endsSilent) && !edge.isRushing(at)
    const excess = isUnheard ? edge.excessFrames(block.length, leadUs, neededUs) : 0
    deck.discard(excess)
    if (excess < block.length) deck.append(edge.shape(programme.cut(block, excess)))
    edge.steer(timeOfFrame(timeline, programme.endFrame) - at, neededUs, at)
  }

  /** Waits for enough audio and for the encoders, then fixes when the first frame is heard. */
  #tryStart(at: ServerUs): void {
    const { programme, isLive, isWaitingForSource } = this.deck
    const neededUs = isLive ? 0 : Math.max(primeUs, this.#lead.floorUs)
    const neededFrames = Math.max((neededUs * programme.sampleRate) / 1e6, 1)
    this.deck.wantUntil(programme.firstFrame + Math.max(neededFrames, programme.sampleRate))
    const frames = programme.endFrame - programme.firstFrame
    if (frames === 0 || (frames < neededFrames && isWaitingForSource)) return
    const isAtHand = this.#isHeld || this.#edge.isPaced || this.#edge.isRushing(at)
    if (isLive && isWaitingForSource && !isAtHand) return
    const { players, equipped } = this.#delivery.readiness
    if (equipped === 0) return
    this.#primedAt ??= at
    if (equipped < players && at < this.#primedAt + encoderPatienceUs) return
    if (isLive && !this.#isHeld && this.#edge.isPaced)
      programme.startEnding(shift(this.#edge.lastAt!, this.#lead.liveUs))
    else programme.start(shift(at, this.#lead.startUs))
    this.#delivery.begin(at, this.#lead.joinUs)
  }

  /** Where nothing plays, an announcement is heard over silence. */
  #startAlone(at: ServerUs): void {
    const { players, equipped } = this.#delivery.readiness
    this.#primedAt ??= at
    if (equipped === players || at >= this.#primedAt + encoderPatienceUs) {
      if (equipped === 0) {
        this.#announcing.clear() // they have left since it was asked for
        return
      }
      const { programme } = this.deck
      programme.appendSilence(this.#framesOf(aloneAheadUs))
      programme.start(shift(at, this.#lead.startUs))
      this.#delivery.begin(at, this.#lead.joinUs)
    }
  }

  /** Where there is no music, or no more, an announcement needs silence to be heard over. */
  #carryAnnouncement(at: ServerUs): void {
    const { programme, endFrame } = this.deck
    if (!this.#announcing.isActive || (this.isPlaying && endFrame === undefined)) return
    const until = frameAtTime(programme.timeline!, shift(at, this.#lead.startUs + aloneAheadUs))
    const missing = Math.ceil(until - programme.endFrame)
    if (missing > 0) programme.appendSilence(missing)
  }

  #framesOf(durationUs: number): number {
    return Math.round((durationUs * this.#config.sampleRate) / 1e6)
  }

  /** Reads on, and stands in with silence for a source that is too late. */
  #keepFed(at: ServerUs): void {
    const { programme, isLive, followsLive, isWaitingForSource, endFrame } = this.deck
    const timeline = programme.timeline!
    const readAheadUs = isLive ? 0 : this.#config.readAheadMs * 1000
    this.deck.wantUntil(frameAtTime(timeline, shift(at, this.#lead.sendAheadUs + readAheadUs)))
    if (endFrame !== undefined || !isWaitingForSource) return
    const floorUs = this.#lead.floorUs
    const missing = frameAtTime(timeline, shift(at, floorUs)) - programme.endFrame
    if (isLive || followsLive) this.#comeBack(shift(timeOfFrame(timeline, programme.endFrame), -floorUs), at)
    const wasLate = this.#isLate
    this.#isLate = missing > 0
    if (!this.#isLate) return
    // It may have been us who were late: what has come meanwhile is taken in before the next look.
    if (isLive && !wasLate) return this.#comeBack(at, at)
    if (!programme.endsSilent) this.#report({ type: 'sourceLate', group: this.id })
    programme.appendSilence(missing + Math.round((gapUs * programme.sampleRate) / 1e6))
  }

  #isAbandoned(at: ServerUs): boolean {
    const isHeard = this.#members.some((member) => member.isReadyToPlay)
    if (isHeard || this.deck.programme.timeline === undefined) {
      this.#aloneSince = undefined
      return false
    }
    this.#aloneSince ??= at
    if (at - this.#aloneSince < this.#config.abandonAfterMs * 1000) return false
    this.deck.pause(this.#aloneSince)
    this.#report({ type: 'playbackAbandoned', group: this.id })
    this.#changed(at)
    return true
  }

  /** Something that was waited for may have come. */
  #hurry(at: ServerUs): void {
    if (this.#wakeAt === undefined || this.#wakeAt > at) this.#wakeAt = at
  }

  #comeBack(due: ServerUs | undefined, at: ServerUs): void {
    if (due === undefined || this.#wakeAt === undefined) return
    this.#wakeAt = Math.min(this.#wakeAt, Math.max(due, shift(at, leastPauseUs))) as ServerUs
  }

  /** Sends a message unless `news` is what the member was told last on the subject. */
  #tell(member: Member<B, Payload>, subject: string, message: ServerMessage, news: string): void {
    if (member.connection === undefined || member.noticed.get(subject) === news) return
    member.noticed.set(subject, news)
    this.#port.emit({ type: 'send', connection: member.connection, message })
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
