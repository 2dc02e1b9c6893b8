/** What people ask of a group's playback and queue. */
import type { ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import type { Deck } from './deck.js'
import type { Group } from './group.js'
import { isLiveLocation } from './location.js'
import { addEntries, clearEntries, findEntry, moveEntry, removeEntry, setShuffle } from './queue.js'
import type { QueueEntry } from './track.js'
import { type Answer, inGroup, type Performers } from './workshop.js'

/** Tracks a group's queue holds at most: a large collection, and a bounded state file. */
const mostEntries = 20_000

type PlaybackCommand =
  | 'play'
  | 'pause'
  | 'stop'
  | 'next'
  | 'previous'
  | 'seek'
  | 'seekRelative'
  | 'setRepeat'
  | 'setShuffle'
  | 'addTracks'
  | 'removeTrack'
  | 'moveTrack'
  | 'clearQueue'

export const playbackCommands: Performers<PlaybackCommand> = {
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
}

function seek<B extends Block, Payload>(group: Group<B, Payload>, positionMs: number, at: ServerUs): Answer {
  const { current } = group.deck
  if (current === undefined) return { problem: 'the queue is empty; add tracks first' }
  if (current.live) return { problem: 'live audio cannot be sought in' }
  return operate(group, (deck) => deck.jump(current.id, positionMs), at)
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
