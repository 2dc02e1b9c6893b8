/** What the coordinator wants done, in this order. Answers (`encoderReady`, `blockReady`, …) come in a later turn. */
import type { ServerUs } from '@tutti/clock'
import type { AudioChunk, AudioFormat, ChannelMessage, ServerMessage } from '@tutti/protocol'
import type { ServerEvent } from './event.js'
import type { ClipId, ConnectionId, EncodingId, FeedId } from './input.js'

/** What the server says to clients, in the specification's words and in our own. */
export type SaidMessage = ServerMessage | ChannelMessage

export type Output<Payload> =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly message: SaidMessage }
  /** `server/time`: goes ahead of waiting audio, with `server_transmitted` read as the frame is written. */
  | {
      readonly type: 'sendTime'
      readonly connection: ConnectionId
      readonly clientTransmitted: number
      readonly serverReceived: ServerUs
    }
  | { readonly type: 'sendAudio'; readonly connection: ConnectionId; readonly chunks: readonly AudioChunk<Payload>[] }
  /** Waiting audio is void (seek, end); what goes out next must not stand behind it. */
  | { readonly type: 'dropAudio'; readonly connection: ConnectionId }
  | {
      readonly type: 'close'
      readonly connection: ConnectionId
      readonly closeCode: number
      readonly reason: string
      /** Whether the client may be dialled again by itself. */
      readonly mayRedial: boolean
    }
  /** Open `location` so that its first block starts at `fromMs`; audio only once it is wanted. */
  | { readonly type: 'openTrack'; readonly feed: FeedId; readonly location: string; readonly fromMs: number }
  /** This many frames more, as soon as they can be had. */
  | { readonly type: 'wantFrames'; readonly feed: FeedId; readonly frames: number }
  | { readonly type: 'closeTrack'; readonly feed: FeedId }
  /** Have all of a clip: what is at a location, or a text that is spoken. */
  | { readonly type: 'openClip'; readonly clip: ClipId; readonly from: ClipOrigin }
  | { readonly type: 'createEncoder'; readonly encoding: EncodingId; readonly format: AudioFormat }
  /** `Coordinator.state` has changed and is worth keeping. */
  | { readonly type: 'save' }
  | {
      readonly type: 'answer'
      readonly request: number
      readonly problem: string | undefined
      readonly result?: CommandResult
    }
  | { readonly type: 'event'; readonly event: ServerEvent }

export type ClipOrigin = { readonly location: string } | { readonly text: string }

/** Ids of what a command made. */
export interface CommandResult {
  readonly group?: string
  readonly entries?: readonly string[]
  /** How long until an announcement's clip is heard; absent while the rooms' groups are still getting ready. */
  readonly heardInMs?: number
}
