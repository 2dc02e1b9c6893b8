/** Which of two servers a player that lets itself be dialled belongs to (Sendspin L1, "Multiple servers"). */
import type { ConnectionReason } from '@tutti/protocol'

export interface Suitor {
  readonly serverId: string
  /** playback also for a server that came to look and has played since. */
  readonly reason: ConnectionReason
}

/** Whether `incoming` takes the player from `current`. */
export function displaces(incoming: Suitor, current: Suitor, lastServerId: string | undefined): boolean {
  if (incoming.serverId === current.serverId) return true // the old connection is dead and does not know it yet
  if (incoming.reason === 'playback') return true
  if (current.reason === 'playback') return false
  return incoming.serverId === lastServerId && current.serverId !== lastServerId
}
