/** What the page and the server say to each other (docs/control-api.md), as the page receives it: JSON. */
import type { Reading, RoomHistory, ServerEvent, ServerStatus, TelemetrySpan } from '@tutti/server'

export type {
  ClientStatus,
  Command,
  EntryStatus,
  GroupStatus,
  Reading,
  RoomHistory,
  ServerEvent,
  ServerStatus,
} from '@tutti/server'

export type Span = TelemetrySpan

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
