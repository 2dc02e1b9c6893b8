/**
 * Rooms that hear the same: a deck, its programme, one encoding per format, and a stream to each player that is there.
 * While it plays it looks at itself every tenth of a second or so, and sends whatever has become due for sending.
 */
import { type ServerUs, shift } from '@tutti/clock'
import { type AudioFormat, formatKey, roles, type ServerMessage } from '@tutti/protocol'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import type { CoordinatorConfig } from './config.js'
import { Deck, type DeckPort } from './deck.js'
import { Encoding } from './encoding.js'
import type { ServerEvent } from './event.js'
import type { EncodingId, FeedId } from './input.js'
import type { Member } from './member.js'
import { controllerOf, groupUpdate, metadataOf } from './notices.js'
import type { Output } from './output.js'
import { bufferAheadUs, startAheadUs } from './player-timing.js'
import { Programme } from './programme.js'
import { Stream } from './stream.js'
import { frameAtTime, timeOfFrame } from './timeline.js'

/** What a group needs of the house it is in. */
export interface GroupPort<Payload> {
  emit(output: Output<Payload>): void
  newFeed(): FeedId
  newEncoding(): EncodingId
}

/** The longest chunk (150 ms by the specification) must be whole before it can go, and waits for the next look. */
const packetSlackUs = 250_000
/** Audio at hand before a buffered track starts. */
const primeMs = 500
/** How long a start waits for encoders that are still being made. */
const encoderPatienceUs = 1_000_000
/** Encoding blocks the event loop, and with it the clock replies: this much audio at a time, then a pause. */
const burstFrames = 12_000
const burstGapUs = 10_000
/** Left to sound after the last frame, for devices that hold more than they say. */
const tailUs = 100_000
/** How often a position is kept while playing. */
const saveEveryUs = 10_000_000

export class Group<B extends Block, Payload> {
  readonly id: string
  readonly deck: Deck<B>
  givenName: string | undefined
  readonly #config: CoordinatorConfig<B>
  readonly #port: GroupPort<Payload>
  readonly #members: Member<B, Payload>[] = []
  readonly #encodings = new Map<string, Encoding<B, Payload>>()
  /** Formats whose encoder could not be made. */
  readonly #failedFormats = new Set<string>()
  #wakeAt: ServerUs | undefined
  /** Since when the start has waited for encoders. */
  #primedAt: ServerUs | undefined
  #aloneSince: ServerUs | undefined
  #savedAt: ServerUs | undefined
  #isSourceLate = false

  constructor(id: string, config: CoordinatorConfig<B>, port: GroupPort<Payload>) {
    this.id = id
    this.#config = config
    this.#port = port
    this.deck = new Deck(new Programme(config.sampleRate, config.blocks), this.#deckPort())
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
    return this.isPlaying ? this.#wakeAt : undefined
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
    member.stream ??= this.#makeStream(member)
    member.stream?.pacer.setOutputDelay(member.timing.outputDelayMs * 1000)
    this.#join(member, at)
    if (this.isPlaying) this.#hurry(at)
  }

  /** Ends a member's stream, because it leaves or cannot play. */
  dismiss(member: Member<B, Payload>): void {
    if (member.stream === undefined) return
    this.#end(member)
    member.stream = undefined
    this.#closeUnused()
  }

  /** Serves a player in another format from the next chunk on. */
  reformat(member: Member<B, Payload>, format: AudioFormat, at: ServerUs): void {
    member.wantedFormat = format
    if (member.stream === undefined) return this.admit(member, at)
    member.stream.changeTo(this.#encodingOf(format))
    this.#closeUnused()
    this.#changeOver(member)
    this.#hurry(at)
  }

  equip(id: EncodingId, encoder: BlockEncoder<B, Payload>, at: ServerUs): boolean {
    const encoding = [...this.#encodings.values()].find((candidate) => candidate.id === id)
    if (encoding === undefined) return false
    encoding.equip(encoder)
    for (const member of this.#members) {
      if (!member.stream?.uses(encoding)) continue
      if (member.stream.successor === encoding) this.#changeOver(member)
      else this.#join(member, at)
    }
    this.#hurry(at)
    return true
  }

  /** The encoder cannot be had: its players get their next best format. */
  encoderFailed(id: EncodingId, reason: string, at: ServerUs): boolean {
    const encoding = [...this.#encodings.values()].find((candidate) => candidate.id === id)
    if (encoding === undefined) return false
    const { format } = encoding
    this.#failedFormats.add(formatKey(format))
    this.#encodings.delete(formatKey(format))
    this.#report({ type: 'encoderFailed', group: this.id, format, reason })
    for (const member of this.#members) {
      if (member.stream?.successor === encoding) member.stream.changeTo(member.stream.encoding)
      if (member.stream?.encoding !== encoding) continue
      this.#end(member)
      member.stream = undefined
      this.admit(member, at)
    }
    return true
  }

  /** Goes on as soon as possible: something it waits for may have come. */
  #hurry(at: ServerUs): void {
    if (this.#wakeAt === undefined || this.#wakeAt > at) this.#wakeAt = at
  }

  /** Runs a change of the deck, then sees to what follows from it. */
  operate<Result>(change: (deck: Deck<B>) => Result, at: ServerUs): Result {
    const result = change(this.deck)
    if (this.isPlaying) this.#hurry(at)
    this.#changed(at)
    return result
  }

  /** Takes a block from the current track's feed. */
  append(block: B, at: ServerUs): void {
    this.deck.append(block)
    if (this.deck.programme.timeline === undefined || this.#isSourceLate) this.#hurry(at)
  }

  /** Sends what has become due for sending. To be called no earlier than `wakeAt`. */
  wake(at: ServerUs): void {
    if (!this.isPlaying) return
    this.#wakeAt = shift(at, this.#config.paceMs * 1000)
    if (this.#isAbandoned(at)) return
    const { programme } = this.deck
    if (programme.timeline === undefined) this.#tryStart(at)
    if (programme.timeline === undefined) return
    if (this.deck.listen(at)) this.#changed(at)
    const { endFrame } = this.deck
    if (endFrame !== undefined && at >= timeOfFrame(programme.timeline, endFrame) + tailUs) {
      this.deck.ended()
      return this.#changed(at)
    }
    this.#keepFed(at)
    this.#encodeAndSend(at)
    programme.forgetBefore(at)
    this.#soonerFor(programme.nextMarkAt(at), at)
    if (this.#savedAt === undefined || at - this.#savedAt >= saveEveryUs) {
      this.#savedAt = at
      this.#port.emit({ type: 'save' })
    }
  }

  /** Tells a member what it does not know yet about its group. */
  notify(member: Member<B, Payload>, at: ServerUs): void {
    if (!member.isConnected) return
    const update = groupUpdate(this, this.isPlaying)
    this.#notice(member, 'group/update', JSON.stringify(update), () => ({ type: 'group/update', payload: update }))
    if (member.roles.includes(roles.controller)) {
      const controller = controllerOf(this.deck, this.#members)
      const message: ServerMessage = { type: 'server/state', payload: { controller } }
      this.#notice(member, 'controller', JSON.stringify(controller), () => message)
    }
    if (member.roles.includes(roles.metadata)) {
      const metadata = metadataOf(this.deck, at)
      const speed = metadata.progress?.playback_speed
      const lasting = JSON.stringify({
        ...metadata,
        timestamp: 0,
        progress: [this.deck.epoch, this.deck.current?.durationMs, speed],
      })
      this.#notice(member, 'metadata', lasting, () => ({ type: 'server/state', payload: { metadata } }))
    }
  }

  notifyAll(at: ServerUs): void {
    for (const member of this.#members) this.notify(member, at)
  }

  /** Frees the encoders; the group is no more. */
  close(): void {
    this.deck.stop()
    for (const member of [...this.#members]) this.dismiss(member)
    this.#closeUnused()
  }

  #deckPort(): DeckPort {
    return {
      open: (entry, fromMs) => {
        const feed = this.#port.newFeed()
        this.#port.emit({ type: 'openTrack', feed, location: entry.location, fromMs: Math.round(fromMs) })
        return feed
      },
      close: (feed) => this.#port.emit({ type: 'closeTrack', feed }),
      want: (feed, frames) => this.#port.emit({ type: 'wantFrames', feed, frames }),
      cleared: () => this.#clear(),
      halted: () => this.#halt(),
      report: (event) => this.#report({ ...event, group: this.id }),
    }
  }

  #clear(): void {
    for (const encoding of this.#encodings.values()) encoding.clear()
    for (const member of this.#members) {
      const { stream, connection } = member
      if (!stream?.isFlowing || connection === undefined) continue
      stream.cut()
      this.#port.emit({ type: 'dropAudio', connection })
      this.#send(member, { type: 'stream/clear', payload: { roles: ['player'] } })
    }
    this.#primedAt = undefined
    this.#isSourceLate = false
    this.#wakeAt = undefined
  }

  #halt(): void {
    for (const encoding of this.#encodings.values()) encoding.clear()
    for (const member of this.#members) this.#end(member)
    this.#primedAt = undefined
    this.#aloneSince = undefined
    this.#isSourceLate = false
    this.#wakeAt = undefined
    this.#port.emit({ type: 'save' })
  }

  #end(member: Member<B, Payload>): void {
    const { stream, connection } = member
    if (stream === undefined) return
    stream.cut()
    if (!stream.isAnnounced) return
    stream.isAnnounced = false
    if (connection === undefined) return
    this.#port.emit({ type: 'dropAudio', connection })
    this.#send(member, { type: 'stream/end', payload: { roles: ['player'] } })
  }

  /** Waits for enough audio and for the encoders, then fixes when the first frame is heard. */
  #tryStart(at: ServerUs): void {
    const { programme, isLive, isWaitingForSource } = this.deck
    const streams = this.#streams()
    const primeUs = Math.max(primeMs * 1000, this.#floorUs())
    const primeFrames = isLive ? 1 : (primeUs * programme.sampleRate) / 1e6
    this.deck.wantUntil(programme.firstFrame + Math.max(primeFrames, programme.sampleRate))
    const frames = programme.endFrame - programme.firstFrame
    if (frames === 0 || (frames < primeFrames && isWaitingForSource)) return
    const equipped = streams.filter((stream) => stream.encoding.encoder !== undefined)
    if (equipped.length === 0) return
    this.#primedAt ??= at
    if (equipped.length < streams.length && at < this.#primedAt + encoderPatienceUs) return
    programme.start(shift(at, this.#startLeadUs()))
    for (const member of this.#members) this.#join(member, at)
  }

  /** Gives a stream its place in running playback. */
  #join(member: Member<B, Payload>, at: ServerUs): void {
    const { stream } = member
    const { timeline } = this.deck.programme
    if (stream === undefined || stream.isFlowing || timeline === undefined || stream.encoding.encoder === undefined)
      return
    // Live audio is never further ahead than its timeline began; a late joiner cannot be given more.
    const most = Math.max(this.#horizonUs() - packetSlackUs, 0)
    const notBefore = shift(at, Math.min(startAheadUs(member.timing), most))
    const isInTime = timeline.originAt >= notBefore
    if (!stream.encoding.isRunning) {
      if (isInTime) stream.encoding.startWithProgramme()
      else stream.encoding.startAt(notBefore)
    }
    if (!stream.isAnnounced) this.#announce(member, stream)
    // From the very start, Opus begins its look-ahead before the first frame.
    stream.flow(isInTime ? at : notBefore)
  }

  #announce(member: Member<B, Payload>, stream: Stream<B, Payload>): void {
    stream.isAnnounced = true
    this.#send(member, { type: 'stream/start', payload: { player: stream.announcement } })
  }

  /** Changes a stream's format where its last chunk ended. */
  #changeOver(member: Member<B, Payload>): void {
    const { stream } = member
    const encoding = stream?.successor
    if (stream === undefined || encoding?.encoder === undefined) return
    const { isFlowing } = stream
    const { sentUntil } = stream.pacer
    stream.changeOver()
    this.#closeUnused()
    if (!stream.isAnnounced) return
    this.#announce(member, stream)
    if (!isFlowing) return
    const from = sentUntil ?? this.deck.programme.timeline!.originAt
    if (!encoding.isRunning) encoding.startAt(from)
    stream.flow(from)
  }

  #keepFed(at: ServerUs): void {
    const { programme } = this.deck
    const timeline = programme.timeline!
    const horizonUs = this.#horizonUs()
    const readAheadUs = this.deck.isLive ? 0 : this.#config.readAheadMs * 1000
    this.deck.wantUntil(frameAtTime(timeline, shift(at, horizonUs + readAheadUs)))
    const floorFrame = frameAtTime(timeline, shift(at, this.#floorUs()))
    const missing = floorFrame - programme.endFrame
    if (this.deck.endFrame !== undefined) return
    if (missing > 0 && this.deck.isWaitingForSource) {
      if (!this.#isSourceLate) this.#report({ type: 'sourceLate', group: this.id })
      this.#isSourceLate = true
      programme.appendSilence(missing)
    } else if (missing < 0) {
      this.#isSourceLate = false
    }
  }

  #encodeAndSend(at: ServerUs): void {
    const until = shift(at, this.#horizonUs())
    let isBehind = false
    for (const encoding of this.#encodings.values()) {
      encoding.log.forgetBefore(at)
      if (encoding.encodeUntil(until, burstFrames)) isBehind = true
    }
    for (const member of this.#members) {
      const { stream, connection } = member
      if (!stream?.isFlowing || connection === undefined) continue
      const { pacer } = stream
      const chunks = pacer.take(at, until)
      if (chunks.length > 0) this.#port.emit({ type: 'sendAudio', connection, chunks })
      // A small buffer runs dry before the next look; come back as soon as it has room.
      const isShort = pacer.sentUntil !== undefined && pacer.sentUntil - at < 3000 * this.#config.paceMs
      if (isShort) this.#soonerFor(pacer.roomAt, at)
      this.#reportDropped(member, stream)
    }
    if (isBehind) this.#soonerFor(shift(at, burstGapUs), at)
  }

  #reportDropped(member: Member<B, Payload>, stream: Stream<B, Payload>): void {
    const chunks = stream.pacer.dropped - stream.reportedDropped
    if (chunks === 0) return
    stream.reportedDropped = stream.pacer.dropped
    this.#report({ type: 'playerFellBehind', client: member.id, name: member.name, chunks })
  }

  #isAbandoned(at: ServerUs): boolean {
    const { timeline } = this.deck.programme
    if (timeline === undefined || this.#members.some((member) => member.isReadyToPlay)) {
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

  #makeStream(member: Member<B, Payload>): Stream<B, Payload> | undefined {
    const usable = member.formats.filter((format) => !this.#failedFormats.has(formatKey(format)))
    const format = usable.find((candidate) => candidate === member.wantedFormat) ?? usable[0]
    if (format === undefined) {
      if (member.noticed.has('noCommonFormat')) return undefined
      member.noticed.set('noCommonFormat', '')
      this.#report({ type: 'noCommonFormat', client: member.id, name: member.name })
      return undefined
    }
    return new Stream(this.#encodingOf(format), member.capacityBytes)
  }

  #encodingOf(format: AudioFormat): Encoding<B, Payload> {
    const key = formatKey(format)
    let encoding = this.#encodings.get(key)
    if (encoding === undefined) {
      encoding = new Encoding(this.#port.newEncoding(), format, this.deck.programme)
      this.#encodings.set(key, encoding)
      this.#port.emit({ type: 'createEncoder', encoding: encoding.id, format })
    }
    return encoding
  }

  #closeUnused(): void {
    for (const [key, encoding] of this.#encodings) {
      if (this.#members.some((member) => member.stream?.uses(encoding))) continue
      encoding.close()
      this.#encodings.delete(key)
    }
  }

  #streams(): readonly Stream<B, Payload>[] {
    return this.#members.flatMap((member) => (member.stream && member.isReadyToPlay ? [member.stream] : []))
  }

  /** Least audio that must lie ahead so that nobody runs dry. */
  #floorUs(): number {
    return packetSlackUs + this.#most(bufferAheadUs)
  }

  #startLeadUs(): number {
    const wanted = this.#most(startAheadUs)
    // Live audio cannot be had ahead of its time: the lead it starts with is all it will ever have.
    return this.deck.isLive ? Math.max(wanted, this.#floorUs()) + packetSlackUs : wanted
  }

  #horizonUs(): number {
    const least = this.#startLeadUs() + packetSlackUs
    return this.deck.isLive ? least : Math.max(this.#config.sendAheadMs * 1000, least)
  }

  #most(needUs: (timing: Member<B, Payload>['timing']) => number): number {
    let most = 0
    for (const member of this.#members) if (member.stream !== undefined) most = Math.max(most, needUs(member.timing))
    return most
  }

  #soonerFor(due: ServerUs | undefined, at: ServerUs): void {
    if (due === undefined || this.#wakeAt === undefined) return
    const soonest = shift(at, 2000) // no spinning on something that is due but does not come
    this.#wakeAt = Math.min(this.#wakeAt, Math.max(due, soonest)) as ServerUs
  }

  #notice(member: Member<B, Payload>, subject: string, content: string, message: () => ServerMessage): void {
    if (member.noticed.get(subject) === content) return
    member.noticed.set(subject, content)
    this.#send(member, message())
  }

  #changed(at: ServerUs): void {
    this.notifyAll(at)
    this.#report({ type: 'changed' })
    this.#port.emit({ type: 'save' })
  }

  #report(event: ServerEvent): void {
    this.#port.emit({ type: 'event', event })
  }

  #send({ connection }: Member<B, Payload>, message: ServerMessage): void {
    if (connection !== undefined) this.#port.emit({ type: 'send', connection, message })
  }
}
