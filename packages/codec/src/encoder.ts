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
  /** Frames of input from the first of a packet until it has come out: a packet's, or more where it is held back. */
  readonly holdFrames: number
  /**
   * The block must have the format's sample rate and channels. May return none or several packets; they come in order
   * and without gaps, so the frames of all packets since the start say where each begins.
   */
  encode(block: AudioBuffer): readonly Packet[]
  /**
   * Ends the stream: the packets that carry what `encode` still owes, filled with silence where the codec cannot end
   * short. The next `encode` starts a new stream, as after `reset`.
   */
  flush(): readonly Packet[]
  /** Forgets the past, for a seek. */
  reset(): void
  close(): void
}

/** Throws when `block` is not what `encoder` takes: the programme was cut or resampled wrongly. */
export function checkBlock(encoder: Encoder, block: AudioBuffer): void {
  const { sampleRate, channels } = encoder.format
  if (block.sampleRate !== sampleRate || block.numberOfChannels !== channels || block.length > encoder.packetFrames) {
    const got = `${block.length} frames of ${block.numberOfChannels} channels at ${block.sampleRate} Hz`
    throw new RangeError(
      `Encoder takes ${encoder.packetFrames} frames of ${channels} channels at ${sampleRate} Hz, not ${got}.`,
    )
  }
}
