/** An encoder as the core sees it: blocks of any length in, packets with their size and duration out. */
import type { Block } from './block.js'

export interface EncodedPacket<Payload> {
  readonly payload: Payload
  /** Size of the payload on the wire. */
  readonly bytes: number
  /** Frames it decodes to, at the rate of the encoding's format. */
  readonly frames: number
}

/**
 * Encodes a continuous programme for every player of one format. What cannot be a packet yet waits for the next block;
 * no frame is lost or invented. The first frame out is the first frame in, `lookaheadFrames` later.
 */
export interface BlockEncoder<B extends Block, Payload> {
  /** As `codec_header` of `stream/start`: base64, or undefined where the codec has none. */
  readonly codecHeader: string | undefined
  /** Frames, at the format's rate, by which decoded audio lags what was encoded. */
  readonly lookaheadFrames: number
  /** Frames, at the format's rate, that must have been encoded from the first of a packet on before it comes out. */
  readonly holdFrames: number
  encode(block: B): readonly EncodedPacket<Payload>[]
  /** Forgets the past, for a seek. */
  reset(): void
  close(): void
}
