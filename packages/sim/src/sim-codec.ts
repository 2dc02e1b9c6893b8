/** Codecs that code nothing: packets are lengths, and carry the truth about when they are due. */
import type { ServerUs } from '@tutti/clock'
import type { AudioFormat } from '@tutti/protocol'
import type { BlockEncoder, EncodedPacket } from '@tutti/server'
import type { SimBlock } from './media-log.js'

/** What the server encodes: a stretch of programme. */
export interface SourceBlock {
  readonly length: number
}

/** A packet. It becomes a block of media as it is, since decoding changes nothing. */
export interface SimPayload extends SimBlock {
  readonly bytes: number
  /** What the server said when it sent it; NaN before. */
  dueAt: ServerUs
}

/** Frames of a packet and bytes of a frame: FLAC at 60 % of PCM, Opus at 160 kbit/s. */
const packets = {
  flac: { frames: 4608, bytesPerFrame: 2.4 },
  opus: { frames: 960, bytesPerFrame: 0.42 },
  pcm: { frames: 1200, bytesPerFrame: 4 },
} as const

export class SimEncoder implements BlockEncoder<SourceBlock, SimPayload> {
  readonly codecHeader = undefined
  readonly lookaheadFrames = 0
  readonly holdFrames: number
  readonly #packetFrames: number
  readonly #packetBytes: number
  #waitingFrames = 0

  constructor({ codec }: AudioFormat) {
    const { frames, bytesPerFrame } = packets[codec]
    this.#packetFrames = frames
    this.holdFrames = frames
    this.#packetBytes = Math.ceil(frames * bytesPerFrame)
  }

  encode(block: SourceBlock): readonly EncodedPacket<SimPayload>[] {
    const made: EncodedPacket<SimPayload>[] = []
    const frames = this.#packetFrames
    const bytes = this.#packetBytes
    this.#waitingFrames += block.length
    for (; this.#waitingFrames >= frames; this.#waitingFrames -= frames) {
      made.push({ payload: { length: frames, bytes, dueAt: Number.NaN as ServerUs }, bytes, frames })
    }
    return made
  }

  reset(): void {
    this.#waitingFrames = 0
  }

  close(): void {}
}

export const simDecoder = {
  decode: (payload: SimPayload): SimBlock => payload,
  reset(): void {},
  close(): void {},
}
