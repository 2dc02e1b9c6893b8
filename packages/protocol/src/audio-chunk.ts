/** Encoded audio with the instant its first sample is due. */
import type { ServerUs } from '@tutti/clock'

/** `Payload` is bytes on a wire; a simulation, which never decodes, passes lengths. */
export interface AudioChunk<Payload = Uint8Array> {
  /** When the first sample is heard, on the server's clock. */
  readonly timestamp: ServerUs
  /** Whole codec units: one Opus packet, FLAC frames, or PCM samples (little-endian, signed). */
  readonly payload: Payload
}
