/** What an operator may want to know. Ids are those of the status; texts are fit for a person. */
import type { AudioFormat, Message } from '@tutti/protocol'

export type ServerEvent =
  /** Anything in the status has changed. */
  | { readonly type: 'changed' }
  | { readonly type: 'clientJoined'; readonly client: string; readonly name: string }
  /** `reason` is the goodbye's, or `lost` when there was none, or `replaced` by a newer connection. */
  | { readonly type: 'clientLeft'; readonly client: string; readonly name: string; readonly reason: string }
  | { readonly type: 'trackStarted'; readonly group: string; readonly location: string }
  /** Could not be opened; playback goes on with the next one. */
  | { readonly type: 'trackSkipped'; readonly group: string; readonly location: string; readonly reason: string }
  /** Broke off; playback goes on with the next one. */
  | { readonly type: 'trackBroken'; readonly group: string; readonly location: string; readonly reason: string }
  /** Every track of the queue has been skipped. */
  | { readonly type: 'nothingPlayable'; readonly group: string }
  | { readonly type: 'playbackEnded'; readonly group: string }
  /** No player was there for a while; playback waits where they left. */
  | { readonly type: 'playbackAbandoned'; readonly group: string }
  /** The source does not keep up; the rooms hear silence, in step, until it does. */
  | { readonly type: 'sourceLate'; readonly group: string }
  /** A network too slow for the audio, or a buffer too small: `chunks` were left out. */
  | { readonly type: 'playerFellBehind'; readonly client: string; readonly name: string; readonly chunks: number }
  /**
   * The player asks for more than live audio is ahead. It is bent there, which takes minutes; meanwhile what its network
   * holds up may be heard as a gap.
   */
  | { readonly type: 'playerShortOfLead'; readonly client: string; readonly name: string; readonly missingMs: number }
  /** None of the player's formats can be made. */
  | { readonly type: 'noCommonFormat'; readonly client: string; readonly name: string }
  | { readonly type: 'encoderFailed'; readonly group: string; readonly format: AudioFormat; readonly reason: string }
  /** A client asked for roles this version does not know: it is newer than we are. */
  | { readonly type: 'rolesUnknown'; readonly client: string; readonly roles: readonly string[] }
  /** A client said something in a role of the application's own. */
  | { readonly type: 'appMessage'; readonly client: string; readonly message: Message }
