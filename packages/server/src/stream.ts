/** One player's share of its group's programme: which encoding it hears and how far it has been sent. */
import { type ServerUs, shift } from '@tutti/clock'
import { type PlayerStream, toWireFormat } from '@tutti/protocol'
import type { Block } from './block.js'
import type { Encoding } from './encoding.js'
import { Pacer } from './pacer.js'

/** A player in trouble is worth a line now and then. */
const leastReportGapUs = 5_000_000
/** A frame at 32 kHz. */
const mostFrameUs = 32

export class Stream<B extends Block, Payload> {
  readonly pacer: Pacer<Payload>
  #encoding: Encoding<B, Payload>
  /** The encoding to change over to once its encoder is there. */
  #successor: Encoding<B, Payload> | undefined
  /** Between `stream/start` and `stream/end`. */
  isAnnounced = false
  /** Between the first chunk scheduled and a clear or end. */
  isFlowing = false
  /** Dropped chunks already reported, and when. */
  #reportedDropped = 0
  #reportedAt: ServerUs | undefined

  constructor(encoding: Encoding<B, Payload>, capacityBytes: number) {
    this.#encoding = encoding
    this.pacer = new Pacer(capacityBytes)
  }

  get encoding(): Encoding<B, Payload> {
    return this.#encoding
  }

  get successor(): Encoding<B, Payload> | undefined {
    return this.#successor
  }

  uses(encoding: Encoding<B, Payload>): boolean {
    return this.#encoding === encoding || this.#successor === encoding
  }

  /** Hears `encoding` as soon as that can be had; what has been sent stays good. */
  changeTo(encoding: Encoding<B, Payload>): void {
    this.#successor = encoding === this.#encoding ? undefined : encoding
  }

  /** Leaves the old encoding for the successor. */
  changeOver(): void {
    if (this.#successor === undefined) return
    this.#encoding = this.#successor
    this.#successor = undefined
  }

  /** What `stream/start` says. */
  get announcement(): PlayerStream {
    const codecHeader = this.#encoding.encoder?.codecHeader
    return {
      ...toWireFormat(this.#encoding.format),
      ...(codecHeader === undefined ? {} : { codec_header: codecHeader }),
    }
  }

  /** Sends from the first chunk due at `notBefore`. */
  flow(notBefore: ServerUs): void {
    this.isFlowing = true
    // Formats of different rates meet within a frame: a chunk that begins where the last one ended may seem early.
    this.pacer.follow(this.#encoding.log, shift(notBefore, -mostFrameUs))
  }

  /** Chunks left out since the last report; none while that is too recent. */
  reportDropped(at: ServerUs): number {
    const chunks = this.pacer.dropped - this.#reportedDropped
    if (chunks === 0 || (this.#reportedAt !== undefined && at - this.#reportedAt < leastReportGapUs)) return 0
    this.#reportedDropped = this.pacer.dropped
    this.#reportedAt = at
    return chunks
  }

  /** What was sent is void. */
  cut(): void {
    this.isFlowing = false
    this.pacer.reset()
  }
}
