/**
 * A group's programme in one format: one encoder, however many players hear it. It reads the programme at its own
 * pace and stamps every packet with the instant its first decoded sample is due.
 */
import type { ServerUs } from '@tutti/clock'
import type { AudioFormat } from '@tutti/protocol'
import type { PlacedAnnouncement } from './announcement.js'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import { ChunkLog } from './chunk-log.js'
import type { Programme } from './programme.js'
import { frameAtTime, type Timeline, timeOfFrame } from './timeline.js'

/** Of a binary message; the newest generation's, four bytes longer than this one's, so a buffer is never overfilled. */
const headerBytes = 13
/** By then an Opus encoder's state no longer tells where it began, and a rate converter's taps are full. */
const warmUpUs = 100_000

export class Encoding<B extends Block, Payload> {
  readonly id: number
  readonly format: AudioFormat
  /** Whether it is for those only who hear an announcement that others of the group do not. */
  readonly isApart: boolean
  /** Mixed into what is read from now on. */
  announcement: PlacedAnnouncement<B> | undefined
  readonly log = new ChunkLog<Payload>()
  readonly #programme: Programme<B>
  #encoder: BlockEncoder<B, Payload> | undefined
  #nextBlock = 0
  /** Frames to leave out of the next block, when the encoder starts in its middle. */
  #skipFrames = 0
  /** Timeline of the encoder's output; undefined while there is none to follow. */
  #timeline: Timeline | undefined
  /** Place of the next packet on it. */
  #nextFrame = 0

  constructor(id: number, format: AudioFormat, programme: Programme<B>, isApart = false) {
    this.isApart = isApart
    this.id = id
    this.format = format
    this.#programme = programme
  }

  get encoder(): BlockEncoder<B, Payload> | undefined {
    return this.#encoder
  }

  /** True once packets are being made. */
  get isRunning(): boolean {
    return this.#timeline !== undefined
  }

  /** How long a packet's first frame waits for the packet, and how much earlier the packet is due than that frame. */
  get holdUs(): number {
    if (this.#encoder === undefined) return 0
    return ((this.#encoder.holdFrames + this.#encoder.lookaheadFrames) * 1e6) / this.format.sampleRate
  }

  /** The first frame of the programme that has not been read. */
  get readFrame(): number {
    const entry = this.#programme.block(this.#nextBlock)
    return entry === undefined ? this.#programme.endFrame : entry.frame + this.#skipFrames
  }

  equip(encoder: BlockEncoder<B, Payload>): void {
    this.#encoder = encoder
  }

  /** Starts so that the first packet is due at `at`, or as near as the programme at hand allows. */
  startAt(at: ServerUs): void {
    const programme = this.#programme
    const { timeline } = programme
    if (timeline === undefined || this.#encoder === undefined) return
    const { sampleRate } = this.format
    const lookahead = Math.round((this.#encoder.lookaheadFrames * programme.sampleRate) / sampleRate)
    const wanted = frameAtTime(timeline, at) + lookahead
    const frame = Math.min(Math.max(wanted, programme.firstFrame), programme.endFrame)
    this.#start(frame)
  }

  /**
   * Starts so that a packet is due at `at`, and where the programme reaches back, some packets earlier, which nobody is
   * to hear: at `at` the encoder then knows its past, as the one does that it takes over from.
   */
  takeOverAt(at: ServerUs): void {
    const { timeline, firstFrame } = this.#programme
    if (timeline === undefined || this.#encoder === undefined) return
    const packetsUs = (this.#encoder.holdFrames * 1e6) / this.format.sampleRate
    if (packetsUs === 0) return this.startAt(at) // whose packets begin anywhere knows no past
    let from = at
    for (let earlier = at - packetsUs; at - from < warmUpUs; earlier -= packetsUs) {
      if (frameAtTime(timeline, earlier as ServerUs) < firstFrame) break
      from = earlier as ServerUs
    }
    this.startAt(from)
  }

  /** Starts with the first frame the programme has. */
  startWithProgramme(): void {
    if (this.#programme.timeline !== undefined && this.#encoder !== undefined) this.#start(this.#programme.firstFrame)
  }

  /** Encodes what is due before `until`, at most `budgetFrames` of the programme; true when more is left to do. */
  encodeUntil(until: ServerUs, budgetFrames: number): boolean {
    const { timeline } = this.#programme
    if (timeline === undefined || this.#timeline === undefined || this.#encoder === undefined) return false
    // What was heard before it could be encoded is forgotten: the stream goes on, at its place, with what is there.
    if (this.#nextBlock < this.#programme.firstBlock) {
      this.#encoder.reset()
      this.#place(this.#programme.firstFrame)
    }
    const untilFrame = frameAtTime(timeline, until)
    let left = budgetFrames
    for (;;) {
      const entry = this.#programme.block(this.#nextBlock)
      if (entry === undefined || entry.frame >= untilFrame) return false
      if (left <= 0) return true
      const cut = this.#programme.cut(entry.block, this.#skipFrames)
      const block = this.announcement?.mixInto(cut, entry.frame + this.#skipFrames) ?? cut
      this.#skipFrames = 0
      this.#nextBlock++
      left -= block.length
      for (const { payload, bytes, frames } of this.#encoder.encode(block)) {
        const timestamp = timeOfFrame(this.#timeline, this.#nextFrame)
        this.#nextFrame += frames
        this.log.push({
          timestamp,
          payload,
          endAt: timeOfFrame(this.#timeline, this.#nextFrame),
          bytes: bytes + headerBytes,
        })
      }
    }
  }

  /** Drops what was encoded and waits for the next start. */
  clear(): void {
    this.log.clear()
    this.#timeline = undefined
    this.#encoder?.reset()
  }

  close(): void {
    this.clear()
    this.#encoder?.close()
    this.#encoder = undefined
  }

  #start(frame: number): void {
    this.log.clear()
    this.#place(frame)
  }

  /** Has `frame` of the programme encoded next. */
  #place(frame: number): void {
    const programme = this.#programme
    const timeline = programme.timeline!
    const { sampleRate } = this.format
    this.#nextBlock = programme.blockOfFrame(frame)
    const block = programme.block(this.#nextBlock)
    this.#skipFrames = block === undefined ? 0 : frame - block.frame
    const sameRate = sampleRate === programme.sampleRate
    // At the programme's own rate its timeline serves, to the last fraction of a microsecond.
    this.#timeline = sameRate ? timeline : { sampleRate, originFrame: 0, originAt: timeOfFrame(timeline, frame) }
    this.#nextFrame = (sameRate ? frame : 0) - this.#encoder!.lookaheadFrames
  }
}
