import type { AudioFormat } from '@tutti/protocol'
import type AudioBuffer from 'audio-buffer'

/** One packet: independently decodable after those before it, of a known length. */
export interface Packet {
  readonly bytes: Uint8Array
  /** Frames of audio it decodes to. */
  readonly frames: number
}

/** Turns consecutive PCM into packets, synchronously. One encoder serves all players of a format. */
export interface Encoder {
  readonly format: AudioFormat
  /** Base64 of the codec header (FLAC: `fLaC` + STREAMINFO, 42 bytes); undefined where the codec has none. */
  readonly codecHeader: string | undefined
  /** Frames per packet; `encode` takes blocks of exactly this length, and the last may be shorter before `flush`. */
  readonly packetFrames: number
  /** Frames by which decoded audio lags what was encoded (Opus look-ahead); the server takes them out of timestamps. */
  readonly lookaheadFrames: number
  /** The block must have the format's sample rate and channels. May return none or several packets. */
  encode(block: AudioBuffer): readonly Packet[]
  /** Forgets the past, for a seek. */
  reset(): void
  close(): void
}
