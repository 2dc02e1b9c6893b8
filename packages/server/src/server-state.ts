/** What outlives the server: names, groups, volumes, queues and where each stood. */
import { elapsedUs, type ServerUs, shift } from '@tutti/clock'
import { describeMismatch, finiteNumber, repeatModes } from '@tutti/protocol'
import * as v from 'valibot'
import type { Block } from './block.js'
import type { House } from './house.js'
import { Member } from './member.js'
import type { QueueState } from './queue.js'

const version = 1
const atLeastNothing = v.pipe(finiteNumber, v.minValue(0))

const tagsSchema = v.object({
  title: v.optional(v.string()),
  artist: v.optional(v.string()),
  albumArtist: v.optional(v.string()),
  album: v.optional(v.string()),
  year: v.optional(finiteNumber),
  track: v.optional(finiteNumber),
})

const entrySchema = v.object({
  id: v.string(),
  location: v.string(),
  live: v.optional(v.boolean()),
  tags: v.optional(tagsSchema),
  durationMs: v.optional(finiteNumber),
})

const groupSchema = v.object({
  id: v.string(),
  name: v.optional(v.string()),
  entries: v.array(entrySchema),
  shuffled: v.optional(v.array(v.string())),
  current: v.optional(v.string()),
  repeat: v.picklist(repeatModes),
  positionMs: atLeastNothing,
})

const clientSchema = v.object({
  id: v.string(),
  name: v.string(),
  givenName: v.optional(v.string()),
  group: v.string(),
  volume: v.optional(finiteNumber),
  muted: v.optional(v.boolean()),
  /** For how long it has been away, in s; absent while it is here, and when it was not seen. */
  awayS: v.optional(atLeastNothing),
})

const stateSchema = v.object({
  version: v.literal(version),
  groups: v.array(groupSchema),
  clients: v.array(clientSchema),
  /** Seconds since 1970, by whoever keeps it: how much longer everyone has been away when it is read. */
  writtenAt: v.optional(finiteNumber),
})

export type ServerState = v.InferOutput<typeof stateSchema>

export const emptyState: ServerState = { version, groups: [], clients: [] }

/** The state in `text`, or in one line why there is none to be had from it. */
export function parseState(text: string): { readonly state: ServerState } | { readonly problem: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { problem: 'it is not JSON; it may have been cut off or edited by hand' }
  }
  const found = v.safeParse(v.object({ version: finiteNumber }), json)
  if (!found.success) return { problem: 'it does not say its version' }
  if (found.output.version > version) {
    return {
      problem: `it was written by a newer version of this program (format ${found.output.version}, this one reads ${version})`,
    }
  }
  const parsed = v.safeParse(stateSchema, json)
  if (parsed.success) return { state: parsed.output }
  return { problem: `it does not make sense: ${describeMismatch(parsed.issues[0], 'state')}` }
}

export function formatState(state: ServerState): string {
  return JSON.stringify(state, null, 1)
}

/** What of `house` is worth keeping. */
export function stateOf<B extends Block, Payload>(house: House<B, Payload>, at: ServerUs): ServerState {
  return {
    version,
    groups: [...house.groups].map((group) => {
      const { queue } = group.deck
      return {
        id: group.id,
        name: group.givenName,
        entries: queue.entries.map((entry) => ({ ...entry })),
        shuffled: queue.shuffled && [...queue.shuffled],
        current: queue.current,
        repeat: queue.repeat,
        positionMs: Math.round(group.deck.positionMs(at)),
      }
    }),
    clients: [...house.members].map((member) => ({
      id: member.id,
      name: member.reportedName,
      givenName: member.givenName,
      group: house.groupOf(member).id,
      volume: member.volume,
      muted: member.muted,
      awayS: awayS(member, at),
    })),
  }
}

function awayS<B extends Block, Payload>(member: Member<B, Payload>, at: ServerUs): number | undefined {
  const { isConnected, lastSeenAt } = member
  return isConnected || lastSeenAt === undefined ? undefined : Math.round(elapsedUs(lastSeenAt, at) / 1e6)
}

/** Sets up an empty house as it was; nothing plays. References that lead nowhere are mended. */
export function restoreState<B extends Block, Payload>(
  house: House<B, Payload>,
  state: ServerState,
  at: ServerUs,
): void {
  for (const kept of state.groups) {
    if (house.group(kept.id) !== undefined) continue
    const group = house.addGroup(kept.id)
    group.givenName = kept.name
    group.deck.restore(queueFrom(kept), kept.positionMs)
  }
  for (const kept of state.clients) {
    if (house.member(kept.id) !== undefined) continue
    const member = new Member<B, Payload>(kept.id, kept.name)
    member.givenName = kept.givenName
    member.volume = kept.volume
    member.muted = kept.muted
    if (kept.awayS !== undefined) member.lastSeenAt = shift(at, -kept.awayS * 1e6)
    house.addMember(member, house.group(kept.group) ?? house.defaultGroup, at)
  }
}

function queueFrom(kept: ServerState['groups'][number]): QueueState {
  const ids = new Set(kept.entries.map((entry) => entry.id))
  const entries = kept.entries.filter((entry) => ids.delete(entry.id)) as QueueState['entries']
  const known = new Set(entries.map((entry) => entry.id))
  const order = kept.shuffled && [...new Set(kept.shuffled)].filter((id) => known.has(id))
  const isWhole = order !== undefined && order.length === known.size
  const current = kept.current !== undefined && known.has(kept.current) ? kept.current : entries[0]?.id
  return { entries, shuffled: isWhole ? order : undefined, current, repeat: kept.repeat }
}
