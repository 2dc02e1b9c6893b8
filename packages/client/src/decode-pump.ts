/**
 * Decodes what is due next: moves chunks from the jitter buffer through a decoder into the media store, a second or two
 * ahead of the playhead and, while time replies are awaited, a few at a time, so that the thread stays free to take them.
 *
 * Positions stay tied to time. A short hole is filled with silence of its length; before a long one, or where the
 * sample rate changes, what is decoded plays out first and a new epoch begins after it; what overlaps is left out.
 */
import { elapsedUs, type LocalUs, type ServerUs } from '@tutti/clock'
import type { JitterBuffer } from './jitter-buffer.js'
import type { MediaWriter } from './media-store.js'
import type { StreamAnchor } from './stream-anchor.js'

/** What the pump needs of a decoder; @tutti/codec's are such, with `Payload` = bytes and `Block` = AudioBuffer. */
export interface ChunkDecoder<Payload, Block extends { readonly length: number }> {
  /** Undefined when the payload cannot be decoded. */
  decode(payload: Payload): Block | undefined
  /** Forgets the past, after a gap. */
  reset(): void
  close(): void
}

/** A media store as the pump fills it. */
export interface TimelineWriter<Block extends { readonly length: number }> extends MediaWriter<Block> {
  appendSilence(frames: number): void
  /** Fades out the last `frames` there are, and in the next that are appended. */
  fadeTail(frames: number): void
  /** Says that nothing before `frame` will be played any more. */
  release(frame: number): void
}

export interface DecodePumpConfig {
  /** Audio kept decoded ahead of the playhead. */
  readonly aheadMs: number
  /** Chunks decoded in one run while a time reply is awaited. Opus takes 0.1 ms of a laptop and 1 ms of a small Pi each. */
  readonly chunksPerRun: number
  /** The same while none is: a quarter of a second of Opus, because coming back for the rest costs more than decoding it. */
  readonly chunksPerQuietRun: number
  /** The longest hole that is bridged with silence. */
  readonly longestSilenceMs: number
}

export const decodePumpDefaults: DecodePumpConfig = {
  aheadMs: 1_500,
  chunksPerRun: 4,
  chunksPerQuietRun: 16,
  longestSilenceMs: 1_000,
}

export interface DecodePumpCounts {
  decoded: number
  /** Chunks thrown away undecoded because they were due before they could be heard. */
  skipped: number
  /** Chunks that could not be decoded, or whose format cannot. */
  undecodable: number
  /** Holes bridged with silence. */
  holes: number
  /** Chunks that repeat, at least in part, what is there already. */
  overlaps: number
  /** Epochs begun because the timeline broke off. */
  restarts: number
}

/** A format that chunks arrive in. */
interface Stream<Payload, Block extends { readonly length: number }> {
  readonly sampleRate: number
  /** Undefined while it loads; null when it cannot be had. */
  decoder: ChunkDecoder<Payload, Block> | undefined | null
}

export interface DecodePumpParts<Payload, Block extends { readonly length: number }> {
  readonly buffer: JitterBuffer<Payload>
  readonly media: TimelineWriter<Block>
  /** The block without its first `from` frames. */
  readonly tailOf: (block: Block, from: number) => Block
  readonly anchor: StreamAnchor
  readonly config: DecodePumpConfig
}

/** No chunk is longer (Sendspin, "Server Audio Send Constraints"). */
const longestChunkMs = 150
/** What fell due this long ago is played no more, wherever the playhead was last seen. */
const pastMs = 250
/** The audio thread has faded out a void epoch so long after it was told: one period and the fade take a tenth. */
const fadedAfterMs = 200
/** Fade around a hole; the same as the playout's own. */
const fadeMs = 5
/** Nearer to the playhead than this the playout fades by itself. */
const fadeReachMs = 100

export class DecodePump<Payload, Block extends { readonly length: number }> {
  readonly #parts: DecodePumpParts<Payload, Block>
  readonly #streams = new Map<number, Stream<Payload, Block>>()
  readonly #counts: DecodePumpCounts = {
    decoded: 0,
    skipped: 0,
    undecodable: 0,
    holes: 0,
    overlaps: 0,
    restarts: 0,
  }
  /** False until the first chunk of an epoch has been placed. */
  #placed = false
  #stream: number | undefined
  /** Audio before `frame` is void; it can go once the audio thread has faded it out, `since` the pump noticed. */
  #void: { readonly frame: number; since: LocalUs | undefined } | undefined
  #voidBefore = 0

  constructor(parts: DecodePumpParts<Payload, Block>) {
    this.#parts = parts
  }

  get counts(): Readonly<DecodePumpCounts> {
    return this.#counts
  }

  /** Whether the anchor speaks of audio that can be played. */
  get placed(): boolean {
    return this.#placed
  }

  /** Formats of which chunks may still be queued. */
  get streams(): number {
    return this.#streams.size
  }

  /** Announces the format of chunks queued as `stream`; they wait for their decoder. */
  openStream(stream: number, sampleRate: number): void {
    this.#streams.set(stream, { sampleRate, decoder: undefined })
  }

  /** Hands over a stream's decoder, or says that there is none. */
  setDecoder(stream: number, decoder: ChunkDecoder<Payload, Block> | null): void {
    const entry = this.#streams.get(stream)
    if (entry) entry.decoder = decoder
    else decoder?.close() // its stream is over
  }

  hasDecoder(stream: number): boolean {
    return this.#streams.get(stream)?.decoder != null
  }

  /** Closes the decoders of all streams before `stream`. */
  closeBefore(stream: number): void {
    for (const [key, { decoder }] of this.#streams) {
      if (key >= stream) continue
      decoder?.close()
      this.#streams.delete(key)
    }
  }

  /** Forgets the timeline: the next chunk begins a new epoch. What is decoded must not be heard any more. */
  clear(): void {
    if (this.#placed) {
      this.#voidBefore = this.#parts.media.endFrame
      this.#void ??= { frame: this.#voidBefore, since: undefined }
    }
    this.#placed = false
    if (this.#stream !== undefined) this.#streams.get(this.#stream)?.decoder?.reset()
  }

  /**
   * Does a bounded piece of work.
   * @param at now
   * @param dueAt server time of what should be leaving the speaker now; undefined while the clocks are apart
   * @param playheadFrame the audio thread's next frame
   * @param awaitsReply whether a time reply may come meanwhile
   * @returns whether more can be done at once
   */
  run(at: LocalUs, dueAt: ServerUs | undefined, playheadFrame: number, awaitsReply: boolean): boolean {
    const { buffer, config } = this.#parts
    const mostChunks = awaitsReply ? config.chunksPerRun : config.chunksPerQuietRun
    this.#releaseVoid(at)
    for (let n = 0; n < mostChunks; n++) {
      this.#skipPast(dueAt)
      if (buffer.length === 0 || !this.#hasRoom(dueAt, playheadFrame)) return false
      if (!this.#step(dueAt, playheadFrame)) return false
    }
    return buffer.length > 0
  }

  /** Throws away chunks whose time is over, once it is too late to play out what came before them. */
  #skipPast(dueAt: ServerUs | undefined): void {
    const { buffer, anchor } = this.#parts
    if (dueAt === undefined || buffer.length === 0) return
    if (this.#placed && anchor.endsAt > dueAt) return
    let skipped = 0
    while (buffer.length > 1 && buffer.timestampAt(1) <= dueAt) {
      buffer.shift()
      skipped++
    }
    if (buffer.length === 1 && buffer.timestampAt(0) + longestChunkMs * 1000 <= dueAt) {
      buffer.shift()
      skipped++
    }
    if (skipped === 0) return
    this.#counts.skipped += skipped
    if (this.#stream !== undefined) this.#streams.get(this.#stream)?.decoder?.reset()
  }

  #releaseVoid(at: LocalUs): void {
    if (this.#void === undefined) return
    this.#void.since ??= at
    const { frame, since } = this.#void
    if (elapsedUs(since, at) < fadedAfterMs * 1000) return
    this.#parts.media.release(frame)
    // Another clear may have followed meanwhile.
    this.#void = this.#voidBefore > frame ? { frame: this.#voidBefore, since: at } : undefined
  }

  #hasRoom(dueAt: ServerUs | undefined, playheadFrame: number): boolean {
    const { media, anchor, config } = this.#parts
    if (!this.#placed) return media.freeFrames > 0
    const perMs = anchor.sampleRate / 1000
    let needed = Math.max(playheadFrame, anchor.firstFrame)
    media.release(playheadFrame)
    if (dueAt !== undefined) {
      // Where nothing plays the playhead stands still while audio falls due.
      const past = anchor.frameAt(dueAt) - pastMs * perMs
      if (past > needed) {
        needed = past
        media.release(Math.min(Math.floor(past), media.endFrame))
      }
    }
    return media.endFrame - needed < config.aheadMs * perMs
  }

  /** Places and decodes the first chunk; false when that has to wait. */
  #step(dueAt: ServerUs | undefined, playheadFrame: number): boolean {
    const { buffer, media, tailOf, anchor, config } = this.#parts
    const timestamp = buffer.timestampAt(0)
    const id = buffer.streamAt(0)
    const stream = this.#streams.get(id)
    if (stream === undefined || stream.decoder === null) {
      buffer.shift()
      this.#counts.undecodable++
      return true
    }
    const { decoder, sampleRate } = stream
    const longestFrames = (longestChunkMs * sampleRate) / 1000
    if (decoder === undefined || media.freeFrames < longestFrames) return false
    if (id !== this.#stream) {
      this.#stream = id
      this.closeBefore(id)
    }

    let gap = 0
    if (this.#placed) {
      gap = anchor.gapFrames(timestamp)
      const breaks = sampleRate !== anchor.sampleRate || gap * 1000 > config.longestSilenceMs * sampleRate
      if (breaks) {
        if (dueAt !== undefined && anchor.endsAt > dueAt) return false // what is decoded is still to be heard
        this.#counts.restarts++
        this.#placed = false
        gap = 0
      }
    }
    if (!this.#placed) {
      anchor.restart(media.endFrame, timestamp, sampleRate)
      this.#placed = true
    }
    if (gap > 0) {
      if (media.freeFrames < gap + longestFrames) return false
      this.#counts.holes++
      this.#fadeTail(playheadFrame)
      media.appendSilence(gap)
      anchor.advance(gap)
      decoder.reset()
    }

    const block = decoder.decode(buffer.shift())
    if (block === undefined || block.length === 0 || block.length > media.freeFrames) {
      // The next chunk finds a hole of the right length.
      this.#counts.undecodable++
      return true
    }
    this.#counts.decoded++
    if (gap >= 0) {
      media.append(block)
      anchor.add(timestamp, block.length)
      return true
    }
    this.#counts.overlaps++
    if (block.length + gap > 0) {
      this.#fadeTail(playheadFrame)
      media.append(tailOf(block, -gap))
      anchor.advance(block.length + gap)
    }
    return true
  }

  /** What comes next does not continue what is there. */
  #fadeTail(playheadFrame: number): void {
    const { media, anchor } = this.#parts
    const perMs = anchor.sampleRate / 1000
    if (media.endFrame - playheadFrame > fadeReachMs * perMs) media.fadeTail(Math.round(fadeMs * perMs))
  }
}
