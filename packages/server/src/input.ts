/** What the coordinator is told. Everything comes with the time it happened, taken where it happened. */
import type { AudioFormat, ClientMessage, Message } from '@tutti/protocol'
import type { TrackTags } from './audio-source.js'
import type { Block } from './block.js'
import type { BlockEncoder } from './block-encoder.js'
import type { Command } from './command.js'
import type { TrackFacts } from './queue.js'

/** Names a connection, a feed or an encoding; chosen by whoever makes it, never used again. */
export type ConnectionId = number
export type FeedId = number
export type EncodingId = number
export type ClipId = number

export type Input<B extends Block, Payload> =
  /** A connection is open, whoever dialled. */
  | { readonly type: 'connected'; readonly connection: ConnectionId }
  | { readonly type: 'message'; readonly connection: ConnectionId; readonly message: ClientMessage }
  /** A message of the application's own, which means nothing here; it becomes an event. */
  | { readonly type: 'appMessage'; readonly connection: ConnectionId; readonly message: Message }
  | { readonly type: 'disconnected'; readonly connection: ConnectionId }
  /** Whether more audio is queued for the peer than its network takes; audio stops until it has caught up. */
  | { readonly type: 'congestion'; readonly connection: ConnectionId; readonly isCongested: boolean }
  /** `request` is given back in the answer. */
  | { readonly type: 'command'; readonly request: number; readonly command: Command }
  /** What is known of a track that `openTrack` asked for; told again when it changes, as on the radio. */
  | {
      readonly type: 'trackOpened'
      readonly feed: FeedId
      readonly tags: Omit<TrackTags, 'artwork'>
      readonly durationMs: number | undefined
    }
  /** What files say about themselves that are queued and not opened yet, by entry. */
  | { readonly type: 'tracksRead'; readonly facts: ReadonlyMap<string, TrackFacts> }
  /**
   * In order, at the group's rate, no more than `wantFrames` asked for by much; a tenth of a second or less is best.
   * `isHeld` goes for live audio: its source waits for us, so that nothing of it is ever old.
   */
  | { readonly type: 'blockReady'; readonly feed: FeedId; readonly block: B; readonly isHeld?: boolean }
  | { readonly type: 'trackEnded'; readonly feed: FeedId }
  /** The rest, or all of it, cannot be had; `reason` is fit for a person. */
  | { readonly type: 'trackFailed'; readonly feed: FeedId; readonly reason: string }
  /** All of what `openClip` asked for, at the group's rate and channels. */
  | { readonly type: 'clipReady'; readonly clip: ClipId; readonly block: B }
  | { readonly type: 'clipFailed'; readonly clip: ClipId; readonly reason: string }
  | { readonly type: 'encoderReady'; readonly encoding: EncodingId; readonly encoder: BlockEncoder<B, Payload> }
  | {
      readonly type: 'encoderFailed'
      readonly encoding: EncodingId
      readonly format: AudioFormat
      readonly reason: string
    }
