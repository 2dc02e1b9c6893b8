/** Gets a programme to a group's players: a stream for each of them, its place in the programme, and what it is sent now. */
import { type ServerUs, shift } from '@tutti/clock'
import type { AudioFormat, ServerMessage } from '@tutti/protocol'
import type { PlacedAnnouncement } from './announcement.js'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import { EncodingPool, type EncodingPort } from './encoding-pool.js'
import type { ServerEvent } from './event.js'
import type { EncodingId } from './input.js'
import type { Member } from './member.js'
import { joinAheadUs, resumeAheadUs } from './player-timing.js'
import type { Programme } from './programme.js'
import { Stream } from './stream.js'

/** A player with less than this sent ahead is looked after before the next regular look. */
const shortUs = 300_000

export class Delivery<B extends Block, Payload> {
  readonly #id: string
  readonly #programme: Programme<B>
  readonly #members: readonly Member<B, Payload>[]
  readonly #port: EncodingPort<Payload>
  readonly #pool: EncodingPool<B, Payload>

  /** `members` is the list of group `id`, as it changes. */
  constructor(
    id: string,
    programme: Programme<B>,
    members: readonly Member<B, Payload>[],
    port: EncodingPort<Payload>,
  ) {
    this.#id = id
    this.#programme = programme
    this.#members = members
    this.#port = port
    this.#pool = new EncodingPool(programme, port)
  }

  /** How many players there are to send to, and how many of them could start now. */
  get readiness(): { readonly players: number; readonly equipped: number } {
    const streams = this.#members.flatMap(({ stream, isReadyToPlay }) => (stream && isReadyToPlay ? [stream] : []))
    return {
      players: streams.length,
      equipped: streams.filter(({ encoding }) => encoding.encoder !== undefined).length,
    }
  }

  /**
   * Sees that a player has a stream and, while something plays, a place in it; audio at least `mostLeadUs` ahead is
   * always at hand.
   */
  admit(member: Member<B, Payload>, at: ServerUs, mostLeadUs: number): void {
    member.stream ??= this.#makeStream(member)
    member.stream?.pacer.setOutputDelay(member.timing.outputDelayMs * 1000)
    this.#join(member, at, mostLeadUs)
  }

  /** Gives every stream its place in what has just been scheduled. */
  begin(at: ServerUs, mostLeadUs: number): void {
    for (const member of this.#members) this.#join(member, at, mostLeadUs)
  }

  /** The player leaves or cannot play. */
  dismiss(member: Member<B, Payload>): void {
    if (member.stream === undefined) return
    this.#end(member)
    member.stream = undefined
    this.#closeUnused()
  }

  /** Serves a player in another format from the next chunk on. */
  reformat(member: Member<B, Payload>, format: AudioFormat): void {
    member.wantedFormat = format
    if (member.stream === undefined) return
    member.stream.changeTo(this.#pool.encodingFor(member, format))
    this.#closeUnused()
    this.#changeOver(member)
  }

  /** Takes an encoder that was asked for; false when it is not one of ours. */
  equip(id: EncodingId, encoder: BlockEncoder<B, Payload>, at: ServerUs, mostLeadUs: number): boolean {
    const encoding = this.#pool.encodingCalled(id)
    if (encoding === undefined) return false
    encoding.equip(encoder)
    for (const member of this.#members) {
      if (member.stream?.successor === encoding) this.#changeOver(member)
      else if (member.stream?.encoding === encoding) this.#join(member, at, mostLeadUs)
    }
    return true
  }

  /** The encoder cannot be had, or has failed: its players get their next best format. */
  encoderFailed(id: EncodingId, reason: string, at: ServerUs, mostLeadUs: number): boolean {
    const encoding = this.#pool.encodingCalled(id)
    if (encoding === undefined) return false
    const { format } = encoding
    this.#pool.strike(encoding)
    this.#report({ type: 'encoderFailed', group: this.#id, format, reason })
    for (const member of this.#members) {
      const { stream } = member
      if (stream?.successor === encoding) stream.changeTo(stream.encoding)
      if (stream?.encoding !== encoding) continue
      this.#end(member)
      member.stream = undefined
      this.admit(member, at, mostLeadUs)
    }
    encoding.close()
    return true
  }

  /** What was sent is void; other audio follows. */
  clear(): void {
    this.#pool.clear()
    for (const member of this.#members) {
      const { stream, connection } = member
      if (!stream?.isFlowing) continue
      stream.cut()
      if (connection !== undefined) this.#port.emit({ type: 'dropAudio', connection })
      this.#send(member, { type: 'stream/clear', payload: { roles: ['player'] } })
    }
  }

  /** Playback is over. Streams and encoders stay, for a quick start. */
  halt(): void {
    this.#pool.clear()
    for (const member of this.#members) this.#end(member)
  }

  /** Sees to encodings of their own for `members`, who are to hear an announcement, unless all of the group are. */
  gather(members: ReadonlySet<Member<B, Payload>>): void {
    const isEveryone = this.#members.every((member) => member.stream === undefined || members.has(member))
    this.#pool.gather(members, isEveryone)
    this.#sort()
  }

  /** Whether everyone is served by an encoding with, or without, the announcement, as it should be. */
  get isGathered(): boolean {
    return this.#members.every(
      (member) => member.stream === undefined || member.stream.encoding.isApart === this.#pool.isApart(member),
    )
  }

  /** The first frame of the programme that no encoder has read. */
  get encodedFrame(): number {
    return this.#pool.encodedFrame
  }

  /** Mixes the announcement into what those who were gathered hear; undefined when it has lost its place. */
  place(announcement: PlacedAnnouncement<B> | undefined): void {
    this.#pool.place(announcement)
  }

  /** The announcement is over: everyone hears the same again. */
  disperse(): void {
    this.#pool.disperse()
    this.#sort()
  }

  close(): void {
    for (const member of this.#members) this.dismiss(member)
    this.#closeUnused()
  }

  /** Encodes and sends what is due before `until`; the result is when to come back early, undefined when not to. */
  advance(at: ServerUs, until: ServerUs): ServerUs | undefined {
    let returnAt: number = this.#pool.encodeUntil(until, at) ?? Infinity
    for (const member of this.#members) {
      const { stream, connection } = member
      if (!stream?.isFlowing || connection === undefined) continue
      const { pacer } = stream
      const chunks = pacer.take(at, until)
      if (chunks.length > 0) this.#port.emit({ type: 'sendAudio', connection, chunks })
      const isShort = pacer.sentUntil !== undefined && pacer.sentUntil - at < shortUs
      if (isShort && pacer.isFull) returnAt = Math.min(returnAt, pacer.roomAt ?? Infinity)
      const dropped = stream.reportDropped(at)
      if (dropped > 0) this.#report({ type: 'playerFellBehind', client: member.id, name: member.name, chunks: dropped })
    }
    return returnAt === Infinity ? undefined : (returnAt as ServerUs)
  }

  #join(member: Member<B, Payload>, at: ServerUs, mostLeadUs: number): void {
    const { stream } = member
    const { timeline } = this.#programme
    if (stream === undefined || stream.isFlowing || timeline === undefined || stream.encoding.encoder === undefined)
      return
    // A late joiner gets the lead it asks for, or what there is.
    const aheadUs = member.wasPlaying ? resumeAheadUs(member.timing) : joinAheadUs(member.timing)
    const notBefore = shift(at, Math.min(aheadUs, mostLeadUs))
    member.wasPlaying = false
    const isInTime = timeline.originAt >= notBefore
    if (!stream.encoding.isRunning) {
      if (isInTime) stream.encoding.startWithProgramme()
      else stream.encoding.startAt(notBefore)
    }
    if (!stream.isAnnounced) this.#announce(member, stream)
    // From the very start, an encoder's look-ahead comes before the first frame.
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
    const { sentUntil } = stream.pacer
    const announced = JSON.stringify(stream.announcement)
    // Others that wait for it may have been sent less.
    const firstNeeded = Math.min(
      ...this.#members.map(
        (other) => (other.stream?.successor === encoding && other.stream.pacer.sentUntil) || Infinity,
      ),
    )
    stream.changeOver()
    this.#closeUnused()
    if (!stream.isAnnounced) return
    // A player need not know where packets of the format it knows come from.
    if (JSON.stringify(stream.announcement) !== announced) this.#announce(member, stream)
    const { timeline } = this.#programme
    if (!stream.isFlowing || timeline === undefined) return
    const from = sentUntil ?? timeline.originAt
    if (!encoding.isRunning) encoding.takeOverAt(Math.min(from, firstNeeded) as ServerUs)
    stream.flow(from)
  }

  #end(member: Member<B, Payload>): void {
    const { stream, connection } = member
    if (stream === undefined) return
    stream.cut()
    if (!stream.isAnnounced) return
    stream.isAnnounced = false
    if (connection !== undefined) this.#port.emit({ type: 'dropAudio', connection })
    this.#send(member, { type: 'stream/end', payload: { roles: ['player'] } })
  }

  #makeStream(member: Member<B, Payload>): Stream<B, Payload> | undefined {
    const usable = member.formats.filter((format) => this.#pool.offers(format))
    const format = usable.find((candidate) => candidate === member.wantedFormat) ?? usable[0]
    if (format !== undefined) return new Stream(this.#pool.encodingFor(member, format), member.capacityBytes)
    if (!member.isWithoutFormat) {
      member.isWithoutFormat = true
      this.#report({ type: 'noCommonFormat', client: member.id, name: member.name })
    }
    return undefined
  }

  /** Gives everyone who is served by the wrong encoding the right one, from its next packet on. */
  #sort(): void {
    for (const member of this.#members) {
      const { stream } = member
      if (stream === undefined) continue
      const { format } = stream.successor ?? stream.encoding
      stream.changeTo(this.#pool.encodingFor(member, format))
      this.#changeOver(member)
    }
    this.#closeUnused()
  }

  #closeUnused(): void {
    this.#pool.prune((encoding) => this.#members.some((member) => member.stream?.uses(encoding)))
  }

  #report(event: ServerEvent): void {
    this.#port.emit({ type: 'event', event })
  }

  #send({ connection }: Member<B, Payload>, message: ServerMessage): void {
    if (connection !== undefined) this.#port.emit({ type: 'send', connection, message })
  }
}
