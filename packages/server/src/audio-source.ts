/** A piece of programme: decoded audio that arrives in its own time, and what is known about it. */
import type AudioBuffer from 'audio-buffer'

export interface TrackTags {
  readonly title?: string
  readonly artist?: string
  readonly albumArtist?: string
  readonly album?: string
  readonly year?: number
  readonly track?: number
  readonly artwork?: { readonly mimeType: string; readonly bytes: Uint8Array }
}

/** An opened track. Blocks come in order, at most a second long, all of one rate and channel count. */
export interface AudioSource {
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Undefined when unknown (a live stream, a file that does not say). */
  readonly durationMs: number | undefined
  /** Of what has been read last: on the radio they change from one read to the next, and are then another object. */
  readonly tags: TrackTags
  /** Of a live source: whether it turned out to wait for its reader, as a file does that is sent down a pipe. */
  readonly isHeld?: boolean
  /** The next block; undefined at the end. Rejects with a message fit for a person when the rest cannot be had. */
  read(): Promise<AudioBuffer | undefined>
  /** Stops decoding and frees everything; a pending `read` resolves to undefined. Safe to call twice. */
  close(): Promise<void>
}

/** Opens `location` (see docs/sources.md) so that the first block starts at `fromMs`. */
export type OpenSource = (location: string, fromMs: number) => Promise<AudioSource>
