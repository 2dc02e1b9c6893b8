/** What a server says, in the cleartext generation of Sendspin (mid 2026). Times are whole microseconds. */
import type { ServerUs } from '@tutti/clock'
import type { ArtworkStream } from './artwork-role.js'
import type { ControllerState } from './controller-role.js'
import type { Metadata } from './metadata-role.js'
import type { PlayerCommand, PlayerStream } from './player-role.js'

export const connectionReasons = ['discovery', 'playback'] as const
/** discovery: just looking. playback: audio is to be played; such a server takes a client from one just looking. */
export type ConnectionReason = (typeof connectionReasons)[number]

/** The answer to `client/hello`. */
export interface ServerHello {
  readonly server_id: string
  readonly name: string
  readonly version: number
  readonly active_roles: readonly string[]
  readonly connection_reason: ConnectionReason
}

/** One answer of the clock exchange. */
export interface ServerTime {
  /** As the client sent it. */
  readonly client_transmitted: number
  readonly server_received: ServerUs
  readonly server_transmitted: ServerUs
}

/** What changed since the last one, for each role the client plays; null clears. */
export interface ServerState {
  readonly metadata?: Metadata | null
  readonly controller?: ControllerState | null
}

export interface ServerCommand {
  readonly player?: PlayerCommand
}

export const playbackStates = ['playing', 'paused', 'stopped'] as const
/** The specification knows no `paused`; some servers say it. */
export type PlaybackState = (typeof playbackStates)[number]

/** What changed since the last one. */
export interface GroupUpdate {
  readonly playback_state?: PlaybackState
  readonly group_id?: string
  readonly group_name?: string
}

/** Starts the named roles' streams or changes their format; what is buffered stays. */
export interface StreamStart {
  readonly player?: PlayerStream
  readonly artwork?: ArtworkStream
}

/** Buffered audio is void, more follows: a seek or a track jump. */
export interface StreamClear {
  /** Families; all when absent. */
  readonly roles?: readonly string[]
}

/** Playback is over. */
export interface StreamEnd {
  /** Families; all when absent. */
  readonly roles?: readonly string[]
}

interface ServerPayloads {
  readonly 'server/hello': ServerHello
  readonly 'server/time': ServerTime
  readonly 'server/state': ServerState
  readonly 'server/command': ServerCommand
  readonly 'group/update': GroupUpdate
  readonly 'stream/start': StreamStart
  readonly 'stream/clear': StreamClear
  readonly 'stream/end': StreamEnd
}

export type ServerMessage = {
  [Type in keyof ServerPayloads]: { readonly type: Type; readonly payload: ServerPayloads[Type] }
}[keyof ServerPayloads]
