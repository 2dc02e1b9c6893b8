/** The beginning of a FLAC stream: `fLaC` and its first metadata block, STREAMINFO (RFC 9639 §8.2), 42 bytes. */
import { BitReader } from './bit-reader.js'

export const flacHeaderBytes = 42

export interface StreamInfo {
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  readonly bitDepth: number
  /** Frames of audio in the longest FLAC frame. */
  readonly maxBlockFrames: number
  /** Undefined when the encoder did not know. */
  readonly totalFrames: number | undefined
}

/** Undefined when `bytes` do not begin as a FLAC stream. */
export function readStreamInfo(bytes: Uint8Array): StreamInfo | undefined {
  const reader = new BitReader(bytes, 0)
  if (bytes.length < flacHeaderBytes || reader.unsigned(32) !== 0x664c6143) return undefined
  reader.unsigned(1) // last metadata block or not
  if (reader.unsigned(7) !== 0 || reader.unsigned(24) !== 34) return undefined
  reader.unsigned(16) // the shortest block
  const maxBlockFrames = reader.unsigned(16)
  reader.unsigned(24) // the smallest frame in bytes
  reader.unsigned(24) // and the largest, where known
  const sampleRate = reader.unsigned(20)
  const channels = reader.unsigned(3) + 1
  const bitDepth = reader.unsigned(5) + 1
  const totalFrames = reader.unsigned(4) * 2 ** 32 + reader.unsigned(32)
  return { sampleRate, channels, bitDepth, maxBlockFrames, totalFrames: totalFrames === 0 ? undefined : totalFrames }
}
