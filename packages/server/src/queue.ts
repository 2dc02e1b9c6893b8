/**
 * The tracks of a group and the order they are played in. `order` is that of the list people see; while shuffled, a
 * second order is played. Positions are entries, never indices, so that editing the list moves nobody's place in it.
 */
import type { Random } from '@tutti/clock'
import type { RepeatMode } from '@tutti/protocol'
import type { QueueEntry } from './track.js'

export interface QueueState {
  readonly entries: readonly QueueEntry[]
  /** Entry ids in playing order while shuffled; undefined when the list's own order is played. */
  readonly shuffled: readonly string[] | undefined
  readonly current: string | undefined
  readonly repeat: RepeatMode
}

export const emptyQueue: QueueState = { entries: [], shuffled: undefined, current: undefined, repeat: 'off' }

export function findEntry(queue: QueueState, id: string | undefined): QueueEntry | undefined {
  return queue.entries.find((entry) => entry.id === id)
}

/** Ids in the order they are played. */
export function playOrder(queue: QueueState): readonly string[] {
  return queue.shuffled ?? queue.entries.map((entry) => entry.id)
}

/** What follows `id` when it ends by itself; undefined when playback is over. */
export function entryAfter(queue: QueueState, id: string): string | undefined {
  return queue.repeat === 'one' ? id : neighbour(queue, id, 1, queue.repeat === 'all')
}

/** What a listener who asks for the next (1) or previous (-1) track gets: repeating one track does not hold him back. */
export function skipFrom(queue: QueueState, id: string, step: 1 | -1): string | undefined {
  return neighbour(queue, id, step, queue.repeat !== 'off')
}

/** Adds entries before position `at` of the list, or at its end; while shuffled they are played last. */
export function addEntries(queue: QueueState, added: readonly QueueEntry[], at = queue.entries.length): QueueState {
  const entries = [...queue.entries.slice(0, at), ...added, ...queue.entries.slice(at)]
  const shuffled = queue.shuffled && [...queue.shuffled, ...added.map((entry) => entry.id)]
  return { ...queue, entries, shuffled, current: queue.current ?? shuffled?.[0] ?? entries[0]?.id }
}

/** Removes an entry. When it was the current one, its successor takes its place. */
export function removeEntry(queue: QueueState, id: string): QueueState {
  const following = queue.current === id ? neighbour(queue, id, 1, true) : queue.current
  return {
    ...queue,
    entries: queue.entries.filter((entry) => entry.id !== id),
    shuffled: queue.shuffled?.filter((other) => other !== id),
    current: following === id ? undefined : following,
  }
}

/** Moves an entry to position `to` of the list. */
export function moveEntry(queue: QueueState, id: string, to: number): QueueState {
  const moved = findEntry(queue, id)
  if (moved === undefined) return queue
  const entries = queue.entries.filter((entry) => entry.id !== id)
  entries.splice(to, 0, moved)
  return { ...queue, entries }
}

/** Forgets the list, not the way it is played. */
export function clearEntries(queue: QueueState): QueueState {
  return { ...emptyQueue, repeat: queue.repeat, shuffled: queue.shuffled && [] }
}

export function setCurrent(queue: QueueState, current: string | undefined): QueueState {
  return { ...queue, current }
}

/** Plays in random order from now on, the current track first (Fisher-Yates); or in the list's order again. */
export function setShuffle(queue: QueueState, shuffle: boolean, random: Random): QueueState {
  if (!shuffle) return { ...queue, shuffled: undefined }
  const others = queue.entries.map((entry) => entry.id).filter((id) => id !== queue.current)
  for (let last = others.length - 1; last > 0; last--) {
    const other = Math.floor(random.uniform() * (last + 1))
    ;[others[last], others[other]] = [others[other]!, others[last]!]
  }
  return { ...queue, shuffled: queue.current === undefined ? others : [queue.current, ...others] }
}

/** What a track says about itself. */
export type TrackFacts = Pick<QueueEntry, 'tags' | 'durationMs'>

/** Notes what became known about entries, by id; what a list called one stays where it has no title of its own. */
export function describeEntries(queue: QueueState, facts: ReadonlyMap<string, TrackFacts>): QueueState {
  const describe = (entry: QueueEntry): QueueEntry => {
    const known = facts.get(entry.id)
    if (known === undefined) return entry
    const title = entry.tags?.title
    return { ...entry, ...known, tags: { ...(title && { title }), ...known.tags } }
  }
  return { ...queue, entries: queue.entries.map(describe) }
}

function neighbour(queue: QueueState, id: string, step: 1 | -1, wrap: boolean): string | undefined {
  const order = playOrder(queue)
  const index = order.indexOf(id)
  if (index < 0) return undefined
  const next = index + step
  return wrap ? order[(next + order.length) % order.length] : order[next]
}
