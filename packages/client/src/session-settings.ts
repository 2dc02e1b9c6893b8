/** What a player remembers between sessions: how its user wants it to sound, and what it knows of its servers. */
import type { RememberedDrift } from '@tutti/clock'
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

/** What is known of a server, by its id; the longest unheard-of one is forgotten. */
export function remember<Fact>(
  facts: Readonly<Record<string, Fact>>,
  serverId: string,
  fact: Fact,
): Readonly<Record<string, Fact>> {
  const others = Object.entries(facts).filter(([id]) => id !== serverId)
  return Object.fromEntries([...others.slice(1 - rememberedServers), [serverId, fact]])
}
