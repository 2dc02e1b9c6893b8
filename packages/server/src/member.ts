/** A client we know: what it said about itself, whether it is here, and how its stream stands. */
import type { ServerUs } from '@tutti/clock'
import {
  type AudioFormat,
  type ClientHello,
  type ClientState,
  type PlayerCommand,
  type PlayerCondition,
  type Role,
  reportedCondition,
  roles,
} from '@tutti/protocol'
import type { Block } from './block.js'
import { producibleFormats } from './format-choice.js'
import type { ConnectionId } from './input.js'
import { defaultTiming, type PlayerTiming, updateTiming } from './player-timing.js'
import type { Stream } from './stream.js'

export class Member<B extends Block, Payload> {
  readonly id: string
  /** Given by people here; undefined while its own name serves. */
  givenName: string | undefined
  reportedName: string
  /** Undefined while it is away. */
  connection: ConnectionId | undefined
  lastSeenAt: ServerUs | undefined
  /** Whether its connection ended while it was being sent audio, and it has been sent none since. */
  wasPlaying = false
  roles: readonly Role[] = []
  /** As last reported; not to be relied on after a reconnect until reported again. */
  volume: number | undefined
  muted: boolean | undefined
  condition: PlayerCondition | undefined
  timing: PlayerTiming = defaultTiming
  /** Formats it and we can both do, best first. */
  formats: readonly AudioFormat[] = []
  /** The one it asked for. */
  wantedFormat: AudioFormat | undefined
  capacityBytes = 0
  stream: Stream<B, Payload> | undefined
  /** The group it left when it became unavailable. */
  previousGroup: string | undefined
  /** True once nobody could find a format for it, so that it is said once. */
  isWithoutFormat = false
  /** What it was told last, by subject. */
  readonly noticed = new Map<string, string>()
  /** Named in the hello, where clients of mid 2026 list volume and mute; what they report later comes on top. */
  #greetedCommands: readonly string[] = []
  #commands: ReadonlySet<string> = new Set()
  #hasReported = false

  constructor(id: string, reportedName: string) {
    this.id = id
    this.reportedName = reportedName
  }

  get name(): string {
    return this.givenName ?? this.reportedName
  }

  get isConnected(): boolean {
    return this.connection !== undefined
  }

  get isPlayer(): boolean {
    return this.roles.includes(roles.player)
  }

  /** True once it may be sent audio and commands. */
  get isReadyToPlay(): boolean {
    return this.isConnected && this.isPlayer && this.#hasReported && this.condition !== 'external_source'
  }

  greet(
    hello: ClientHello,
    active: readonly Role[],
    connection: ConnectionId,
    canEncode: (f: AudioFormat) => boolean,
  ): void {
    const support = hello['player@v1_support']
    this.reportedName = hello.name
    this.connection = connection
    this.roles = active
    this.condition = undefined
    this.timing = defaultTiming
    this.formats = support ? producibleFormats(support, canEncode) : []
    this.wantedFormat = undefined
    this.capacityBytes = support?.buffer_capacity ?? 0
    this.isWithoutFormat = false
    this.noticed.clear()
    this.#greetedCommands = support?.supported_commands ?? []
    this.#commands = new Set(this.#greetedCommands)
    this.#hasReported = false
  }

  leave(at: ServerUs): void {
    this.wasPlaying = this.stream?.isFlowing ?? false
    this.connection = undefined
    this.lastSeenAt = at
    this.noticed.clear()
  }

  /** Takes a report; what it does not mention stays. */
  report(state: ClientState): void {
    this.#hasReported = true
    this.condition = reportedCondition(state) ?? this.condition
    const { player } = state
    if (!player) return
    this.volume = player.volume ?? this.volume
    this.muted = player.muted ?? this.muted
    this.timing = updateTiming(this.timing, player)
    if (player.supported_commands) this.#commands = new Set([...this.#greetedCommands, ...player.supported_commands])
  }

  /** Whether it takes this command now. */
  accepts(command: PlayerCommand['command']): boolean {
    return this.isConnected && this.isPlayer && this.#hasReported && this.#commands.has(command)
  }
}
