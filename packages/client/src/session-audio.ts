/**
 * The audio of a session: which format its chunks are in, which of them are still wanted, and where on the server's
 * clock what has been decoded belongs.
 */
import type { LocalUs, ServerUs } from '@tutti/clock'
import { type AudioChunk, type AudioFormat, formatKey, type PlayerStream, toAudioFormat } from '@tutti/protocol'
import type { Anchor } from './control.js'
import { type ChunkDecoder, DecodePump, type DecodePumpCounts, type TimelineWriter } from './decode-pump.js'
import { type Arrival, JitterBuffer } from './jitter-buffer.js'
import type { PlayerConfig } from './player-config.js'
import { StreamAnchor } from './stream-anchor.js'

/** A format change: chunks that arrive from now on need this decoder. */
export interface NewStream {
  readonly stream: number
  /** Undefined when this version cannot speak the codec. */
  readonly format: AudioFormat | undefined
  readonly codecHeader: string | undefined
}

/** How a session's audio is represented; a simulation decodes lengths to lengths. */
export interface AudioParts<Payload, Block extends { readonly length: number }> {
  readonly media: TimelineWriter<Block>
  /** Bytes a payload takes. */
  readonly sizeOf: (payload: Payload) => number
  /** The block without its first `from` frames. */
  readonly tailOf: (block: Block, from: number) => Block
}

/** Formats whose chunks may be queued at a time; a server that changes more often loses what it sent before. */
const mostStreams = 4
/** The specification allows 150 ms; uncoded, at most four bytes a sample. */
const longestChunkMs = 300
const bytesPerSample = 4
/** A published line that still predicts the end of what is decoded this well need not be published again. */
const staleUs = 0.5

export class SessionAudio<Payload, Block extends { readonly length: number }> {
  readonly #buffer: JitterBuffer<Payload>
  readonly #anchor: StreamAnchor
  readonly #pump: DecodePump<Payload, Block>
  readonly #sizeOf: (payload: Payload) => number
  #stream = 0
  #key: string | undefined
  #format: AudioFormat | undefined
  #active = false
  #replacing = false
  #bytes = 0
  #oversized = 0
  #longestBytes = 0
  #published: Anchor | undefined

  constructor(config: PlayerConfig, { media, sizeOf, tailOf }: AudioParts<Payload, Block>) {
    this.#sizeOf = sizeOf
    this.#buffer = new JitterBuffer(config.jitterBuffer, sizeOf)
    this.#anchor = new StreamAnchor(config.continuityUs)
    const parts = { buffer: this.#buffer, media, tailOf, anchor: this.#anchor, config: config.decodePump }
    this.#pump = new DecodePump(parts)
  }

  /** Whether the server has a stream running. */
  get active(): boolean {
    return this.#active
  }

  /** Whether a stream like the last one could be decoded at once. */
  get isWarm(): boolean {
    return this.#pump.hasDecoder(this.#stream)
  }

  /** Of the chunks that arrive now. */
  get format(): AudioFormat | undefined {
    return this.#format
  }

  get buffer(): Pick<JitterBuffer<Payload>, 'length' | 'bytes' | 'spanUs' | 'count'> {
    return this.#buffer
  }

  get counts(): Readonly<DecodePumpCounts> {
    return this.#pump.counts
  }

  /** Chunks far longer than chunks may be. */
  get oversized(): number {
    return this.#oversized
  }

  /** Payload bytes received. */
  get bytesReceived(): number {
    return this.#bytes
  }

  /** Begins the stream or changes its format; what is queued stays. Undefined when the format is the one in use. */
  start(player: PlayerStream): NewStream | undefined {
    this.#active = true
    const format = toAudioFormat(player)
    const key = `${format ? formatKey(format) : player.codec} ${player.codec_header ?? ''}`
    if (key === this.#key) return undefined
    if (this.#pump.streams >= mostStreams) this.clear()
    this.#key = key
    this.#format = format
    this.#longestBytes = (player.sample_rate * player.channels * bytesPerSample * longestChunkMs) / 1000
    this.#stream++
    if (this.#buffer.length === 0) this.#pump.closeBefore(this.#stream)
    this.#pump.openStream(this.#stream, player.sample_rate)
    if (format === undefined) this.#pump.setDecoder(this.#stream, null)
    return { stream: this.#stream, format, codecHeader: player.codec_header }
  }

  /** A decoder for chunks of `stream`; null when it cannot be had. */
  setDecoder(stream: number, decoder: ChunkDecoder<Payload, Block> | null): void {
    // The next start may ask again.
    if (decoder === null && stream === this.#stream) this.#key = undefined
    this.#pump.setDecoder(stream, decoder)
  }

  /** Undefined when no stream is running, or the chunk is far longer than chunks may be. */
  push(chunk: AudioChunk<Payload>, now: ServerUs | undefined): Arrival | undefined {
    if (!this.#active) return undefined
    const bytes = this.#sizeOf(chunk.payload)
    this.#bytes += bytes
    if (bytes > this.#longestBytes) {
      this.#oversized++
      return undefined
    }
    if (this.#replacing) {
      this.#replacing = false
      this.#buffer.dropFrom(chunk.timestamp)
    }
    const arrival = this.#buffer.push(chunk.timestamp, chunk.payload, this.#stream, now)
    if (arrival === 'rewound') this.#pump.clear()
    return arrival
  }

  /** Decodes a little; true when more can be done at once. */
  pump(at: LocalUs, dueAt: ServerUs | undefined, playheadFrame: number, awaitsReply: boolean): boolean {
    return this.#pump.run(at, dueAt, playheadFrame, awaitsReply)
  }

  /** Everything received is void. */
  clear(): void {
    this.#buffer.clear()
    this.#pump.clear()
  }

  /** The stream is over. */
  end(): void {
    this.clear()
    this.#active = false
  }

  /** The connection is gone. What has arrived plays on, until a new stream replaces it from its first chunk on. */
  disconnected(): void {
    this.#active = false
    this.#replacing = true
  }

  /** Whether everything that arrived has been heard, at server time `now`. */
  exhausted(now: ServerUs): boolean {
    return this.#buffer.length === 0 && this.#pump.placed && this.#anchor.endsAt < now
  }

  /** Frees the decoders; nothing may be called after it. */
  close(): void {
    this.end()
    this.#pump.closeBefore(Number.POSITIVE_INFINITY)
  }

  /** Where the decoded audio belongs; the same object until that has changed. */
  get anchor(): Anchor | undefined {
    if (!this.#pump.placed) return undefined
    const published = this.#published
    const anchor = this.#anchor
    if (published?.epoch === anchor.epoch) {
      const predictedAt = published.serverAt + ((anchor.endFrame - published.frame) * 1e6) / published.sampleRate
      if (Math.abs(predictedAt - anchor.endsAt) < staleUs) return published
    }
    this.#published = anchor.toAnchor()
    return this.#published
  }
}
