/**
 * What a client says, in the cleartext generation of Sendspin (mid 2026), tolerant of the one before. Names are those
 * on the wire, so that there is one vocabulary; times are whole microseconds.
 */
import type { ArtworkFormatRequest, ArtworkSupport } from './artwork-role.js'
import type { ControllerCommand } from './controller-role.js'
import type { PlayerCondition, PlayerFormatRequest, PlayerState, PlayerSupport } from './player-role.js'

export interface DeviceInfo {
  readonly product_name?: string | null
  readonly manufacturer?: string | null
  readonly software_version?: string | null
  readonly mac_address?: string | null
}

/** The first message of a connection. */
export interface ClientHello {
  /** The same after every restart of this client, and no other's. */
  readonly client_id: string
  /** For people. */
  readonly name: string
  /** Of the core protocol. */
  readonly version: number
  /** Most preferred first; unknown ones are ignored. */
  readonly supported_roles: readonly string[]
  readonly device_info?: DeviceInfo | null
  readonly 'player@v1_support'?: PlayerSupport | null
  readonly 'artwork@v1_support'?: ArtworkSupport | null
}

/** One question of the clock exchange. */
export interface ClientTime {
  /** The client's clock when it sent this, in microseconds; returned as it is. */
  readonly client_transmitted: number
}

/** What changed since the last one; the first says everything, before any audio. */
export interface ClientState {
  readonly state?: PlayerCondition
  readonly player?: PlayerState | null
}

export interface ClientCommand {
  readonly controller?: ControllerCommand
}

/** Asks for another format of a running or coming stream. */
export interface StreamRequestFormat {
  readonly player?: PlayerFormatRequest
  readonly artwork?: ArtworkFormatRequest
}

export const goodbyeReasons = ['another_server', 'shutdown', 'restart', 'user_request'] as const
export type GoodbyeReason = (typeof goodbyeReasons)[number]

/** Only `restart`, or a connection lost without a word, is a reason to dial again. */
export interface ClientGoodbye {
  readonly reason: GoodbyeReason
}

interface ClientPayloads {
  readonly 'client/hello': ClientHello
  readonly 'client/time': ClientTime
  readonly 'client/state': ClientState
  readonly 'client/command': ClientCommand
  readonly 'stream/request-format': StreamRequestFormat
  readonly 'client/goodbye': ClientGoodbye
}

export type ClientMessage = {
  [Type in keyof ClientPayloads]: { readonly type: Type; readonly payload: ClientPayloads[Type] }
}[keyof ClientPayloads]

/** The client's condition, wherever its generation puts it; undefined when unchanged. */
export function reportedCondition(state: ClientState): PlayerCondition | undefined {
  return state.state ?? state.player?.state
}

/** The delay after the player's device in ms, under either of its names; undefined when unchanged. */
export function reportedOutputDelayMs(player: PlayerState): number | undefined {
  return player.output_delay_ms ?? player.static_delay_ms
}
