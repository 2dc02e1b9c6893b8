/** Everything worth showing, at one instant. */
import type { ServerUs } from '@tutti/clock'
import type { AudioFormat, PlayerCondition, RepeatMode } from '@tutti/protocol'
import type { Block } from './block.js'
import type { DeckState } from './deck.js'
import type { Group } from './group.js'
import { groupMuted, groupVolume } from './group-volume.js'
import type { House } from './house.js'
import type { Member } from './member.js'
import { settable, titleFrom } from './notices.js'
import { playOrder } from './queue.js'
import type { QueueEntry } from './track.js'

export interface ServerStatus {
  readonly server: { readonly id: string; readonly name: string }
  readonly at: ServerUs
  readonly groups: readonly GroupStatus[]
}

export interface GroupStatus {
  readonly id: string
  readonly name: string
  readonly state: DeckState
  /** Undefined when no player's volume, or mute, can be set. */
  readonly volume: number | undefined
  readonly muted: boolean | undefined
  readonly repeat: RepeatMode
  readonly shuffle: boolean
  /** Id of the entry that is heard, or next to be. */
  readonly current: string | undefined
  readonly positionMs: number
  /** True while the position moves on by itself. */
  readonly isMoving: boolean
  readonly queue: readonly EntryStatus[]
  /** Entry ids in the order they are played. */
  readonly playOrder: readonly string[]
  readonly clients: readonly ClientStatus[]
}

export interface EntryStatus extends QueueEntry {
  /** From its tags, or from its name. */
  readonly title: string
}

export interface ClientStatus {
  readonly id: string
  readonly name: string
  readonly isConnected: boolean
  readonly isPlayer: boolean
  readonly roles: readonly string[]
  /** Undefined while connected, and when it was here as the server ended and has not come back. */
  readonly lastSeenAt: ServerUs | undefined
  readonly condition: PlayerCondition | undefined
  readonly volume: number | undefined
  readonly muted: boolean | undefined
  readonly outputDelayMs: number
  /** What it is being sent; undefined without a stream. */
  readonly format: AudioFormat | undefined
  /** Audio it has been sent that is still to be heard, in ms. */
  readonly sentAheadMs: number | undefined
  /** Chunks left out because they would have come too late, since its stream began. */
  readonly chunksDropped: number
}

export function statusOf<B extends Block, Payload>(
  server: { readonly id: string; readonly name: string },
  house: House<B, Payload>,
  at: ServerUs,
): ServerStatus {
  return { server, at, groups: [...house.groups].map((group) => groupStatus(group, at)) }
}

function groupStatus<B extends Block, Payload>(group: Group<B, Payload>, at: ServerUs): GroupStatus {
  const { deck, members } = group
  const { queue } = deck
  return {
    id: group.id,
    name: group.name,
    state: deck.state,
    volume: groupVolume(settable(members, 'volume').map((member) => member.volume ?? 100)),
    muted: groupMuted(settable(members, 'mute').map((member) => member.muted ?? false)),
    repeat: queue.repeat,
    shuffle: queue.shuffled !== undefined,
    current: queue.current,
    positionMs: Math.round(deck.positionMs(at)),
    isMoving: deck.isMoving(at),
    queue: queue.entries.map((entry) => ({ ...entry, title: entry.tags?.title ?? titleFrom(entry.location) })),
    playOrder: playOrder(queue),
    clients: members.map((member) => clientStatus(member, at)),
  }
}

function clientStatus<B extends Block, Payload>(member: Member<B, Payload>, at: ServerUs): ClientStatus {
  const { stream } = member
  const sentUntil = stream?.pacer.sentUntil
  return {
    id: member.id,
    name: member.name,
    isConnected: member.isConnected,
    isPlayer: member.isPlayer,
    roles: member.roles,
    lastSeenAt: member.lastSeenAt,
    condition: member.condition,
    volume: member.volume,
    muted: member.muted,
    outputDelayMs: member.timing.outputDelayMs,
    format: stream?.encoding.format,
    sentAheadMs: sentUntil === undefined ? undefined : Math.max(sentUntil - at, 0) / 1000,
    chunksDropped: stream?.pacer.dropped ?? 0,
  }
}
