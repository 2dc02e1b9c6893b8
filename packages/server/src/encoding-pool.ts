/**
 * A programme in the formats a group's players need: one encoding for each, however many hear it, and while only some of
 * the rooms hear an announcement, another one for those.
 */
import { type ServerUs, shift } from '@tutti/clock'
import { type AudioFormat, formatKey } from '@tutti/protocol'
import type { PlacedAnnouncement } from './announcement.js'
import type { Block } from './block.js'
import { Encoding } from './encoding.js'
import type { EncodingId } from './input.js'
import type { Member } from './member.js'
import type { Output } from './output.js'
import type { Programme } from './programme.js'

export interface EncodingPort<Payload> {
  emit(output: Output<Payload>): void
  newEncoding(): EncodingId
}

/** Who hears an announcement. */
interface Audience<B extends Block, Payload> {
  readonly members: ReadonlySet<Member<B, Payload>>
  /** Whether no player of the group is left out, so that nothing needs encoding twice. */
  readonly isEveryone: boolean
  placed: PlacedAnnouncement<B> | undefined
}

/** Encoding holds up the event loop, and with it the clock replies: this much of the programme, then a pause. */
const burstFrames = 6000
const burstGapUs = 5000

export class EncodingPool<B extends Block, Payload> {
  readonly #programme: Programme<B>
  readonly #port: EncodingPort<Payload>
  readonly #encodings = new Map<string, Encoding<B, Payload>>()
  /** Formats whose encoder could not be made. */
  readonly #failedFormats = new Set<string>()
  #audience: Audience<B, Payload> | undefined

  constructor(programme: Programme<B>, port: EncodingPort<Payload>) {
    this.#programme = programme
    this.#port = port
  }

  /** False once an encoder for the format could not be made. */
  offers(format: AudioFormat): boolean {
    return !this.#failedFormats.has(formatKey(format))
  }

  /** The encoding a member hears in this format, which may still be waiting for its encoder. */
  encodingFor(member: Member<B, Payload>, format: AudioFormat): Encoding<B, Payload> {
    const isApart = this.isApart(member)
    const key = keyOf(format, isApart)
    let encoding = this.#encodings.get(key)
    if (encoding === undefined) {
      encoding = new Encoding(this.#port.newEncoding(), format, this.#programme, isApart)
      encoding.announcement = this.#announcementFor(isApart)
      this.#encodings.set(key, encoding)
      this.#port.emit({ type: 'createEncoder', encoding: encoding.id, format })
    }
    return encoding
  }

  encodingCalled(id: EncodingId): Encoding<B, Payload> | undefined {
    for (const encoding of this.#encodings.values()) if (encoding.id === id) return encoding
    return undefined
  }

  /** The encoding has no encoder, or none any more; its players need another. */
  strike({ format, isApart }: Encoding<B, Payload>): void {
    if (!isApart) this.#failedFormats.add(formatKey(format)) // those apart go on with what all others hear
    this.#encodings.delete(keyOf(format, isApart))
  }

  /** Closes what nobody uses. */
  prune(isUsed: (encoding: Encoding<B, Payload>) => boolean): void {
    for (const [key, encoding] of this.#encodings) {
      if (isUsed(encoding)) continue
      encoding.close()
      this.#encodings.delete(key)
    }
  }

  /** Drops what was encoded; encoders stay, for a quick start. */
  clear(): void {
    for (const encoding of this.#encodings.values()) encoding.clear()
  }

  /** Encodes what is due before `until`; the result is when to come back for the rest, undefined when that is all. */
  encodeUntil(until: ServerUs, at: ServerUs): ServerUs | undefined {
    let hasMore = false
    for (const encoding of this.#encodings.values()) {
      encoding.log.forgetBefore(at)
      if (encoding.encodeUntil(until, burstFrames)) hasMore = true
    }
    return hasMore ? shift(at, burstGapUs) : undefined
  }

  /** The first frame of the programme that no encoder has read. */
  get encodedFrame(): number {
    let frame = this.#programme.firstFrame
    for (const encoding of this.#encodings.values()) if (encoding.isRunning) frame = Math.max(frame, encoding.readFrame)
    return frame
  }

  // Announcements

  /** `members` are to hear an announcement, everyone or apart from the others; of its place nothing is known yet. */
  gather(members: ReadonlySet<Member<B, Payload>>, isEveryone: boolean): void {
    this.#audience = { members, isEveryone, placed: undefined }
  }

  /** Whether the member hears what others do not. */
  isApart(member: Member<B, Payload>): boolean {
    return this.#audience !== undefined && !this.#audience.isEveryone && this.#audience.members.has(member)
  }

  /** Mixes the announcement into what those who were gathered hear; undefined when it has lost its place. */
  place(announcement: PlacedAnnouncement<B> | undefined): void {
    if (this.#audience === undefined) return
    this.#audience.placed = announcement
    for (const encoding of this.#encodings.values()) encoding.announcement = this.#announcementFor(encoding.isApart)
  }

  /** The announcement is over: nobody is apart. */
  disperse(): void {
    this.#audience = undefined
    for (const encoding of this.#encodings.values()) encoding.announcement = undefined
  }

  #announcementFor(isApart: boolean): PlacedAnnouncement<B> | undefined {
    return this.#audience?.isEveryone || isApart ? this.#audience?.placed : undefined
  }
}

function keyOf(format: AudioFormat, isApart: boolean): string {
  return isApart ? `${formatKey(format)} apart` : formatKey(format)
}
