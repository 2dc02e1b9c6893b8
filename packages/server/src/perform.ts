/** Carries out what people ask of the server. */
import type { Random, ServerUs } from '@tutti/clock'
import { channelRole } from '@tutti/protocol'
import type { Block } from './block.js'
import type { CommandName, PromptCommand } from './command.js'
import type { Deck } from './deck.js'
import type { Group } from './group.js'
import { spreadGroupVolume } from './group-volume.js'
import type { House } from './house.js'
import { isLiveLocation } from './location.js'
import type { Member } from './member.js'
import { settable } from './notices.js'
import type { CommandResult, Output } from './output.js'
import { addEntries, clearEntries, findEntry, moveEntry, removeEntry, setShuffle } from './queue.js'
import type { QueueEntry } from './track.js'

/** Tracks a group's queue holds at most: a large collection, and a bounded state file. */
const mostEntries = 20_000

export interface Workshop<B extends Block, Payload> {
  readonly house: House<B, Payload>
  readonly random: Random
  emit(output: Output<Payload>): void
  /** An id no entry has had before. */
  newEntryId(): string
}

/** In one line what is in the way, or ids of what was made. */
export type Answer = { readonly problem: string } | CommandResult

type Performers = {
  readonly [Name in CommandName]: <B extends Block, Payload>(
    command: Extract<PromptCommand, { command: Name }>,
    workshop: Workshop<B, Payload>,
    at: ServerUs,
  ) => Answer
}

export function perform<B extends Block, Payload>(
  command: PromptCommand,
  workshop: Workshop<B, Payload>,
  at: ServerUs,
): Answer {
  const performer = performers[command.command] as (
    command: PromptCommand,
    workshop: Workshop<B, Payload>,
    at: ServerUs,
  ) => Answer
  return performer(command, workshop, at)
}

const performers: Performers = {
  play: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      const { entry } = command
      if (entry === undefined) return failed(group.operate((deck) => deck.play(), at))
      if (findEntry(group.deck.queue, entry) === undefined) return noEntry(entry)
      return failed(
        group.operate((deck) => {
          deck.jump(entry, 0)
          return deck.play()
        }, at),
      )
    }),
  pause: (command, workshop, at) => inGroup(command, workshop, (group) => operate(group, (deck) => deck.pause(at), at)),
  stop: (command, workshop, at) => inGroup(command, workshop, (group) => operate(group, (deck) => deck.stop(), at)),
  next: (command, workshop, at) =>
    inGroup(command, workshop, (group) => failed(group.operate((deck) => deck.skip(1, at), at))),
  previous: (command, workshop, at) =>
    inGroup(command, workshop, (group) => failed(group.operate((deck) => deck.skip(-1, at), at))),
  seek: (command, workshop, at) => inGroup(command, workshop, (group) => seek(group, command.positionMs, at)),
  seekRelative: (command, workshop, at) =>
    inGroup(command, workshop, (group) => seek(group, Math.max(group.deck.positionMs(at) + command.offsetMs, 0), at)),
  setRepeat: (command, workshop, at) =>
    inGroup(command, workshop, (group) =>
      operate(group, (deck) => deck.edit({ ...deck.queue, repeat: command.repeat }, at), at),
    ),
  setShuffle: (command, workshop, at) =>
    inGroup(command, workshop, (group) =>
      operate(group, (deck) => deck.edit(setShuffle(deck.queue, command.shuffle, workshop.random), at), at),
    ),
  addTracks: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      if (group.deck.queue.entries.length + command.tracks.length > mostEntries) {
        return { problem: `the queue would hold more than ${mostEntries} tracks` }
      }
      const added = command.tracks.map(({ location, live = isLiveLocation(location), title }): QueueEntry => {
        return { id: workshop.newEntryId(), location, ...(live && { live }), ...(title && { tags: { title } }) }
      })
      group.operate((deck) => deck.edit(addEntries(deck.queue, added, command.at), at), at)
      return { entries: added.map((entry) => entry.id) }
    }),
  removeTrack: (command, workshop, at) =>
    inGroup(command, workshop, (group) =>
      findEntry(group.deck.queue, command.entry) === undefined
        ? noEntry(command.entry)
        : operate(group, (deck) => deck.edit(removeEntry(deck.queue, command.entry), at), at),
    ),
  moveTrack: (command, workshop, at) =>
    inGroup(command, workshop, (group) =>
      findEntry(group.deck.queue, command.entry) === undefined
        ? noEntry(command.entry)
        : operate(group, (deck) => deck.edit(moveEntry(deck.queue, command.entry, command.to), at), at),
    ),
  clearQueue: (command, workshop, at) =>
    inGroup(command, workshop, (group) => operate(group, (deck) => deck.edit(clearEntries(deck.queue), at), at)),
  setGroupVolume: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      const members = settable(group.members, 'volume')
      if (members.length === 0) return { problem: 'no player of this group lets its volume be set' }
      const volumes = members.map((member) => member.volume ?? 100)
      if (command.keeps === 'distances') {
        const spread = spreadGroupVolume(volumes, command.volume)
        for (const [index, member] of members.entries()) setVolume(member, spread[index]!, workshop)
      } else {
        const byId = new Map(members.map(({ id }, index) => [id, volumes[index]!]))
        const scaled = group.volumeBalance.scale(byId, command.volume)
        for (const member of members) setVolume(member, scaled.get(member.id)!, workshop)
      }
      return changed(group, workshop, at)
    }),
  setGroupMuted: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      const members = settable(group.members, 'mute')
      if (members.length === 0) return { problem: 'no player of this group can be muted' }
      for (const member of members) setMuted(member, command.muted, workshop)
      return changed(group, workshop, at)
    }),
  renameGroup: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      group.givenName = command.name
      return changed(group, workshop, at)
    }),
  createGroup: ({ name, clients }, workshop, at) => {
    const { house } = workshop
    const unknown = clients.find((id) => house.member(id) === undefined)
    if (unknown !== undefined) return noClient(unknown)
    if (name === undefined && clients.length === 0) return { problem: 'an empty group needs a name' }
    const group = house.addGroup()
    group.givenName = name
    for (const id of clients) house.move(house.member(id)!, group, at)
    changed(group, workshop, at)
    return { group: group.id }
  },
  removeGroup: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      if (!workshop.house.removeGroup(group, at)) return { problem: 'new clients come into this group; it must stay' }
      return saved(workshop)
    }),
  moveClient: (command, workshop, at) =>
    withClient(command, workshop, (member) =>
      inGroup(command, workshop, (group) => {
        workshop.house.move(member, group, at)
        return saved(workshop)
      }),
    ),
  isolateClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      const group = workshop.house.isolate(member, at)
      saved(workshop)
      return { group: group.id }
    }),
  renameClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      member.givenName = command.name
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setVolume: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (!setVolume(member, command.volume, workshop)) return notNow(member, 'its volume')
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setMuted: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (!setMuted(member, command.muted, workshop)) return notNow(member, 'its mute')
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setOutputDelay: ({ client, outputDelayMs }, workshop) =>
    withClient({ client }, workshop, (member) => {
      const { connection } = member
      if (connection === undefined) return notNow(member, 'its output delay')
      if (member.accepts('set_output_delay')) {
        const player = { command: 'set_output_delay', output_delay_ms: outputDelayMs } as const
        workshop.emit({ type: 'send', connection, message: { type: 'server/command', payload: { player } } })
      } else if (member.accepts('set_static_delay')) {
        const player = { command: 'set_static_delay', static_delay_ms: outputDelayMs } as const
        workshop.emit({ type: 'send', connection, message: { type: 'server/command', payload: { player } } })
      } else {
        return notNow(member, 'its output delay')
      }
      return {}
    }),
  setChannel: ({ client, channel }, workshop) =>
    withClient({ client }, workshop, (member) => {
      const { connection } = member
      if (connection === undefined || !member.roles.includes(channelRole)) return notNow(member, 'its channel')
      workshop.emit({ type: 'send', connection, message: { type: 'server/_tutti_channel', payload: { channel } } })
      return {}
    }),
  forgetClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (member.isConnected)
        return { problem: `${member.name} is connected; only clients that are away can be forgotten` }
      workshop.house.forget(member, at)
      return saved(workshop)
    }),
}

function inGroup<B extends Block, Payload>(
  { group: id }: { readonly group: string },
  { house }: Workshop<B, Payload>,
  act: (group: Group<B, Payload>) => Answer,
): Answer {
  const group = house.group(id)
  return group === undefined ? { problem: `there is no group ${id}` } : act(group)
}

function withClient<B extends Block, Payload>(
  { client: id }: { readonly client: string },
  { house }: Workshop<B, Payload>,
  act: (member: Member<B, Payload>) => Answer,
): Answer {
  const member = house.member(id)
  return member === undefined ? noClient(id) : act(member)
}

function seek<B extends Block, Payload>(group: Group<B, Payload>, positionMs: number, at: ServerUs): Answer {
  const { current } = group.deck
  if (current === undefined) return { problem: 'the queue is empty; add tracks first' }
  if (current.live) return { problem: 'live audio cannot be sought in' }
  return operate(group, (deck) => deck.jump(current.id, positionMs), at)
}

function setVolume<B extends Block, Payload>(
  member: Member<B, Payload>,
  volume: number,
  { emit }: Workshop<B, Payload>,
): boolean {
  if (!member.accepts('volume')) return false
  member.volume = volume // until it reports its own
  const message = { type: 'server/command', payload: { player: { command: 'volume', volume } } } as const
  emit({ type: 'send', connection: member.connection!, message })
  return true
}

function setMuted<B extends Block, Payload>(
  member: Member<B, Payload>,
  mute: boolean,
  { emit }: Workshop<B, Payload>,
): boolean {
  if (!member.accepts('mute')) return false
  member.muted = mute
  const message = { type: 'server/command', payload: { player: { command: 'mute', mute } } } as const
  emit({ type: 'send', connection: member.connection!, message })
  return true
}

function changed<B extends Block, Payload>(
  group: Group<B, Payload>,
  workshop: Workshop<B, Payload>,
  at: ServerUs,
): Answer {
  group.notifyAll(at)
  return saved(workshop)
}

function saved<B extends Block, Payload>({ emit }: Workshop<B, Payload>): Answer {
  emit({ type: 'event', event: { type: 'changed' } })
  emit({ type: 'save' })
  return {}
}

function operate<B extends Block, Payload>(
  group: Group<B, Payload>,
  change: (deck: Deck<B>) => void,
  at: ServerUs,
): Answer {
  group.operate(change, at)
  return {}
}

function failed(problem: string | undefined): Answer {
  return problem === undefined ? {} : { problem }
}

function noEntry(id: string): Answer {
  return { problem: `there is no entry ${id} in this queue` }
}

function noClient(id: string): Answer {
  return { problem: `there is no client ${id}` }
}

function notNow(member: { readonly name: string }, what: string): Answer {
  return { problem: `${member.name} does not let ${what} be set just now` }
}
