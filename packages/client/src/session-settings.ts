/** What a player remembers between sessions: how its user wants it to sound, and what it knows of its servers. */
import type { RememberedDrift } from '@tutti/clock'
import type { ChannelMode } from './control.js'

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
}

export const settingsDefaults: PlayerSettings = {
  volume: 100,
  muted: false,
  outputDelayMs: 0,
  channelMode: 'stereo',
  lastServerId: undefined,
  drifts: {},
}

export const longestOutputDelayMs = 5_000
const rememberedServers = 16

/** The settings with a server's drift remembered, and the longest unheard-of server forgotten. */
export function rememberDrift(settings: PlayerSettings, serverId: string, drift: RememberedDrift): PlayerSettings {
  const others = Object.entries(settings.drifts).filter(([id]) => id !== serverId)
  return { ...settings, drifts: Object.fromEntries([...others.slice(1 - rememberedServers), [serverId, drift]]) }
}
