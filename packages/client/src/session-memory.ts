/**
 * What a player keeps between sessions, as it changes: how it is to sound, who played here last, and what each server's
 * clock and path are like, so that the next start need not find out again. Every change is handed out to be stored.
 */
import { type LocalUs, type RememberedDrift, shift } from '@tutti/clock'
import type { Deadline } from './deadline.js'
import type { RememberedTail } from './session-buffer.js'
import type { SessionOutbox } from './session-outbox.js'
import {
  isAsLoud,
  type PlayerSettings,
  type SoundSettings,
  withPath,
  withServer,
  withSound,
} from './session-settings.js'

/** How often what is known of clock and path is written down while connected. */
const rememberIntervalUs = 600_000_000

export class SessionMemory {
  readonly #outbox: Pick<SessionOutbox, 'put' | 'tell'>
  #settings: PlayerSettings
  #pathDueAt: Deadline

  constructor(settings: PlayerSettings, outbox: Pick<SessionOutbox, 'put' | 'tell'>) {
    this.#settings = settings
    this.#outbox = outbox
  }

  get settings(): PlayerSettings {
    return this.#settings
  }

  /** When to remember the path again; undefined while there is none. */
  get pathDueAt(): Deadline {
    return this.#pathDueAt
  }

  /** A path has been found, or written down just now. */
  postponePath(at: LocalUs): void {
    this.#pathDueAt = shift(at, rememberIntervalUs)
  }

  /** The connection is gone. */
  end(): void {
    this.#pathDueAt = undefined
  }

  /** Takes what the user or the server wants, brought within bounds. */
  set(wanted: Partial<SoundSettings>): void {
    const was = this.#settings
    this.#keep(withSound(was, wanted))
    const { volume, muted } = this.#settings
    if (!isAsLoud(was, this.#settings)) this.#outbox.tell({ type: 'volume', volume, muted })
  }

  /** The server plays here now. */
  rememberServer(serverId: string): void {
    this.#keep(withServer(this.#settings, serverId))
  }

  /** Takes what a session has found out; undefined where it has found out nothing yet. */
  rememberPath(serverId: string, drift: RememberedDrift | undefined, tail: RememberedTail | undefined): void {
    this.#keep(withPath(this.#settings, serverId, drift, tail))
  }

  #keep(settings: PlayerSettings): void {
    if (settings === this.#settings) return
    this.#settings = settings
    this.#outbox.put({ type: 'save', settings })
  }
}
