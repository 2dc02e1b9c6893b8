/** What a player remembers between sessions: how its user wants it to sound, and what it knows of its servers. */
import type { RememberedDrift } from '@tutti/clock'
import type { PlayerCommand } from '@tutti/protocol'
import type { ChannelMode } from './control.js'
import type { RememberedTail } from './session-buffer.js'

export interface PlayerSettings {
  /** Perceived loudness, 0 to 100. */
  readonly volume: number
  readonly muted: boolean
  /** Delay of what follows the device, 0 to 5000. */
  readonly outputDelayMs: number
  readonly channelMode: ChannelMode
  /** The server that last played here: among servers that are just looking it is preferred. */
  readonly lastServerId: string | undefined
  /** How much faster each server's clock ran than ours, by server id, the latest last. */
  readonly drifts: Readonly<Record<string, RememberedDrift>>
  /** How late each server's audio came at worst, likewise. */
  readonly tails: Readonly<Record<string, RememberedTail>>
}

export const settingsDefaults: PlayerSettings = {
  volume: 100,
  muted: false,
  outputDelayMs: 0,
  channelMode: 'stereo',
  lastServerId: undefined,
  drifts: {},
  tails: {},
}

export const longestOutputDelayMs = 5_000
const rememberedServers = 16

/** Settings its user may change. */
export type SoundSettings = Pick<PlayerSettings, 'volume' | 'muted' | 'outputDelayMs' | 'channelMode'>

/** What a server's command asks of them. */
export function soundOf(command: PlayerCommand): Partial<SoundSettings> {
  switch (command.command) {
    case 'volume':
      return { volume: command.volume }
    case 'mute':
      return { muted: command.mute }
    case 'set_static_delay':
      return { outputDelayMs: command.static_delay_ms }
    case 'set_output_delay':
      return { outputDelayMs: command.output_delay_ms }
  }
}

/** The settings with `wanted`, brought within bounds; the same object where that changes nothing. */
export function withSound(settings: PlayerSettings, wanted: Partial<SoundSettings>): PlayerSettings {
  const merged = { ...settings, ...wanted }
  const volume = clamp(Math.round(merged.volume), 0, 100)
  const outputDelayMs = clamp(merged.outputDelayMs, 0, longestOutputDelayMs)
  const isSame =
    isAsLoud({ ...merged, volume }, settings) &&
    outputDelayMs === settings.outputDelayMs &&
    merged.channelMode === settings.channelMode
  return isSame ? settings : { ...merged, volume, outputDelayMs }
}

export function isAsLoud(one: PlayerSettings, other: PlayerSettings): boolean {
  return one.volume === other.volume && one.muted === other.muted
}

/** The settings with the server that plays here now; the same object where it is the one that did. */
export function withServer(settings: PlayerSettings, serverId: string): PlayerSettings {
  return settings.lastServerId === serverId ? settings : { ...settings, lastServerId: serverId }
}

/** The settings with what a session with a server has found out; the same object where that is nothing. */
export function withPath(
  settings: PlayerSettings,
  serverId: string,
  drift: RememberedDrift | undefined,
  tail: RememberedTail | undefined,
): PlayerSettings {
  if (drift === undefined && tail === undefined) return settings
  const { drifts, tails } = settings
  return {
    ...settings,
    drifts: drift === undefined ? drifts : remember(drifts, serverId, drift),
    tails: tail === undefined ? tails : remember(tails, serverId, tail),
  }
}

/** What is known of servers, with news of one; the longest unheard-of one is forgotten. */
function remember<Fact>(
  facts: Readonly<Record<string, Fact>>,
  serverId: string,
  fact: Fact,
): Readonly<Record<string, Fact>> {
  const others = Object.entries(facts).filter(([id]) => id !== serverId)
  return Object.fromEntries([...others.slice(1 - rememberedServers), [serverId, fact]])
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))
