import type { AudioFormat } from '@tutti/protocol'
import type AudioBuffer from 'audio-buffer'

/** Turns consecutive packets back into PCM, synchronously. */
export interface Decoder {
  readonly format: AudioFormat
  /**
   * Decodes one wire payload (one Opus packet, one or more whole FLAC frames, any number of whole PCM frames).
   * Undefined when the payload cannot be decoded: the caller plays silence of the chunk's length in its place.
   */
  decode(payload: Uint8Array): AudioBuffer | undefined
  /** Forgets the past, for a seek or after a gap. */
  reset(): void
  close(): void
}
