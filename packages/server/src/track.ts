/** What the queue knows about a piece of music. */
import type { TrackTags } from './audio-source.js'

/** Something to play, as it is asked for. */
export interface Track {
  /** A path, an address, or another of the places in docs/sources.md. */
  readonly location: string
  /** Arrives as it happens (radio, a line input): a small send-ahead, no seeking. */
  readonly live?: boolean | undefined
  /** What a list calls it, until the track itself has been opened. */
  readonly title?: string | undefined
}

/** A track in a queue; the same track may be there twice. */
export interface QueueEntry extends Omit<Track, 'title'> {
  readonly id: string
  /** Known once the track has been opened. */
  readonly tags?: Omit<TrackTags, 'artwork'>
  readonly durationMs?: number
}
