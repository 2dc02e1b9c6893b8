/** What the `metadata` role adds to messages. */
import type { ServerUs } from '@tutti/clock'
import type { RepeatMode } from './controller-role.js'

/** Where in the track playback was at the metadata's timestamp. */
export interface Progress {
  /** Milliseconds. */
  readonly track_progress: number
  /** Milliseconds; 0 when unknown. */
  readonly track_duration: number
  /** Thousandths of normal speed: 1000 plays, 0 is paused. */
  readonly playback_speed: number
}

/** `metadata` in `server/state`: what changed since the last one; null clears a field. */
export interface Metadata {
  /** When this became true, on the server's clock. */
  readonly timestamp: ServerUs
  readonly title?: string | null
  readonly artist?: string | null
  readonly album_artist?: string | null
  readonly album?: string | null
  readonly artwork_url?: string | null
  readonly year?: number | null
  readonly track?: number | null
  readonly progress?: Progress | null
  /** Here until May 2026, since then in the controller's state. */
  readonly repeat?: RepeatMode | null
  readonly shuffle?: boolean | null
}
