/** What the page and the server say to each other (docs/control-api.md), as the page receives it: JSON. */
import type { Command as ServerCommand, ServerEvent, ServerStatus } from '@tutti/server'

export type Command =
  | ServerCommand
  | { readonly command: 'setChannel'; readonly client: string; readonly channel: ChannelMode }

export type { ClientStatus, EntryStatus, GroupStatus, ServerEvent, ServerStatus } from '@tutti/server'

/** How a room said it was doing at one instant. */
export interface Reading {
  /** Id of the client. */
  readonly client: string
  /** Server time, µs. */
  readonly at: number
  readonly state: 'idle' | 'waiting' | 'playing' | 'starved'
  /** How far the room lags its schedule, as it sees it itself, µs. */
  readonly lateUs: number
  /** How wrong it may be about the server's clock, µs either way; undefined before the first exchange. */
  readonly errorBoundUs: number | undefined
  /** Correction applied to the device's rate, ppm. */
  readonly ppm: number
  /** Speed of the server's clock against the room's, ppm. */
  readonly driftPpm: number | undefined
  readonly roundTripUs: number | undefined
  readonly bufferedMs: number
  /** Since the room started. */
  readonly starvations: number
  readonly underruns: number
  readonly jumps: number
  readonly channel: ChannelMode
  /** Name of the sound card. */
  readonly output: string | undefined
}

export const channelModes = ['stereo', 'left', 'right', 'mono'] as const
export type ChannelMode = (typeof channelModes)[number]

/** A room's past in columns of equal length. */
export interface RoomHistory {
  readonly client: string
  /** Server time, µs; for the day, the middle of each minute. */
  readonly at: readonly number[]
  readonly lateUs: readonly (number | null)[]
  /** The bound's two sides: lowest and highest the room may have been. */
  readonly lowestUs: readonly (number | null)[]
  readonly highestUs: readonly (number | null)[]
  readonly bufferedMs: readonly number[]
  /** Starvations and underruns since the one before. */
  readonly dropouts: readonly number[]
}

export type Span = 'minutes' | 'day'

export interface History {
  readonly at: number
  readonly rooms: readonly RoomHistory[]
}

export type ServerSaying =
  | { readonly type: 'status'; readonly status: ServerStatus }
  | { readonly type: 'event'; readonly event: ServerEvent }
  | { readonly type: 'readings'; readonly readings: readonly Reading[] }
  | Answer

export type Answer =
  | { readonly type: 'answer'; readonly request: number; readonly result: object }
  | {
      readonly type: 'answer'
      readonly request: number
      readonly error: { readonly code: string; readonly message: string }
    }

export type Request = Command & { readonly request: number }

/** Whether this browser may control the house. */
export interface Access {
  readonly name: string
  readonly isAllowed: boolean
  readonly version: string
}

export interface LibraryFolder {
  /** Undefined for the list of music folders itself. */
  readonly path: string | undefined
  readonly parent: string | undefined
  readonly entries: readonly LibraryEntry[]
}

export interface LibraryEntry {
  readonly kind: 'folder' | 'track'
  readonly name: string
  readonly path: string
}

/** A browser that has been paired. */
export interface PairedBrowser {
  readonly id: string
  readonly name: string
  /** Seconds since 1970. */
  readonly pairedAt: number
  readonly lastSeenAt: number
  readonly isThisOne: boolean
}
