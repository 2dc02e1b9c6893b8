/** What the server is told of the player, and when: everything once, then what changed. */
import { type LocalUs, shift } from '@tutti/clock'
import type { ClientState, PlayerCondition, PlayerState } from '@tutti/protocol'
import type { PlayerConfig } from './player-config.js'
import type { PlayerSettings } from './session-settings.js'

/** Commands a server may send. */
const supportedCommands = ['volume', 'mute', 'set_static_delay'] as const

/** Servers give up on clients that have not reported their state after 5 s. */
const firstReportUs = 4_000_000
/** On a bad network the condition may come and go with every packet. */
const betweenConditionsUs = 1_000_000
/** Between the start of a stream and its first sound where decoder and device run: the device's queue. */
const warmLeadMs = 100

export class SessionReport {
  readonly #coldLeadMs: number
  #requiredLeadMs: number
  #told: PlayerState = {}
  #settings: PlayerSettings | undefined
  #conditionDueAt: LocalUs | undefined
  #wakeAt: LocalUs | undefined

  constructor({ requiredLeadMs }: Pick<PlayerConfig, 'requiredLeadMs'>) {
    this.#coldLeadMs = requiredLeadMs
    this.#requiredLeadMs = requiredLeadMs
  }

  /** When `update` has something to say though nothing happens meanwhile. */
  get wakeAt(): LocalUs | undefined {
    return this.#wakeAt
  }

  /**
   * A new connection, which knows nothing. It is told when all is well, when there is nothing to wait for, or when it would
   * wait no longer. `isWarm`: what a stream needs to begin still runs.
   */
  begin(at: LocalUs, isWarm: boolean): void {
    this.end()
    this.#requiredLeadMs = isWarm ? Math.min(warmLeadMs, this.#coldLeadMs) : this.#coldLeadMs
    this.#conditionDueAt = shift(at, firstReportUs)
  }

  /** What has to be asked for is known: audio may come while the clocks are still being compared. */
  hurry(): void {
    if (this.#told.state === undefined) this.#conditionDueAt = undefined
  }

  /** The connection is gone. */
  end(): void {
    this.#told = {}
    this.#settings = undefined
    this.#conditionDueAt = undefined
    this.#wakeAt = undefined
  }

  /** What has to be said now; undefined when that is nothing. */
  update(
    condition: PlayerCondition,
    settings: PlayerSettings,
    minBufferMs: number,
    at: LocalUs,
  ): ClientState | undefined {
    const told = this.#told.state
    if (condition === told && settings === this.#settings && minBufferMs === this.#told.min_buffer_ms) {
      this.#wakeAt = undefined
      return undefined
    }
    const mayTell = told === undefined && condition === 'synchronized'
    const early = !mayTell && this.#conditionDueAt !== undefined && at < this.#conditionDueAt
    this.#wakeAt = early && condition !== told ? this.#conditionDueAt : undefined
    if (early && told === undefined) return undefined
    const now = early ? told! : condition
    if (now !== told) this.#conditionDueAt = shift(at, betweenConditionsUs)
    return this.#delta(now, settings, minBufferMs)
  }

  #delta(condition: PlayerCondition, settings: PlayerSettings, minBufferMs: number): ClientState | undefined {
    const player: PlayerState = {
      state: condition,
      volume: settings.volume,
      muted: settings.muted,
      static_delay_ms: settings.outputDelayMs,
      required_lead_time_ms: this.#requiredLeadMs,
      min_buffer_ms: minBufferMs,
      supported_commands: supportedCommands,
    }
    const changed = Object.fromEntries(
      Object.entries(player).filter(([key, value]) => this.#told[key as keyof PlayerState] !== value),
    ) as PlayerState
    this.#told = player
    this.#settings = settings
    if (Object.keys(changed).length === 0) return undefined
    // Servers of January 2026 look for the condition inside `player`, later ones beside it.
    return changed.state === undefined ? { player: changed } : { state: changed.state, player: changed }
  }
}
