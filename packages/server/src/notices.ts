/** What clients are told about their group: built from its state, sent when it differs from what they know. */
import type { ServerUs } from '@tutti/clock'
import { type ControllerState, type GroupUpdate, type Metadata, roles, type ServerMessage } from '@tutti/protocol'
import type { Block } from './block.js'
import type { Deck } from './deck.js'
import { groupMuted, groupVolume } from './group-volume.js'
import type { Member } from './member.js'
import type { Output } from './output.js'

/** What there is to tell about a group. */
interface Subject<B extends Block, Payload> {
  readonly id: string
  readonly name: string
  readonly isPlaying: boolean
  readonly deck: Deck<B>
  readonly members: readonly Member<B, Payload>[]
}

/** Tells a member what it does not know yet about its group. */
export function notify<B extends Block, Payload>(
  group: Subject<B, Payload>,
  member: Member<B, Payload>,
  port: { emit(output: Output<Payload>): void },
  at: ServerUs,
): void {
  const { connection, noticed } = member
  if (connection === undefined) return
  /** Sends unless `news` is what the member was told last on the subject. */
  const tell = (subject: string, message: ServerMessage, news: string) => {
    if (noticed.get(subject) === news) return
    noticed.set(subject, news)
    port.emit({ type: 'send', connection, message })
  }
  const update = groupUpdate(group, group.isPlaying)
  tell('group', { type: 'group/update', payload: update }, JSON.stringify(update))
  if (member.roles.includes(roles.controller)) {
    const controller = controllerOf(group.deck, group.members)
    tell('controller', { type: 'server/state', payload: { controller } }, JSON.stringify(controller))
  }
  if (member.roles.includes(roles.metadata)) {
    const metadata = metadataOf(group.deck, at)
    // A position that only runs on is no news.
    const { playback_speed, track_duration } = metadata.progress ?? {}
    const progress = [group.deck.epoch, playback_speed, track_duration]
    const news = JSON.stringify({ ...metadata, timestamp: 0, progress })
    tell('metadata', { type: 'server/state', payload: { metadata } }, news)
  }
}

function groupUpdate(group: { readonly id: string; readonly name: string }, isPlaying: boolean): GroupUpdate {
  return { group_id: group.id, group_name: group.name, playback_state: isPlaying ? 'playing' : 'stopped' }
}

/** What is heard at `at`. Every field is there, so that nothing of the last track stays on a display. */
function metadataOf<B extends Block>(deck: Deck<B>, at: ServerUs): Metadata {
  const { current, queue } = deck
  const tags = current?.tags
  return {
    timestamp: Math.round(at) as ServerUs,
    title: tags?.title ?? (current === undefined ? null : titleFrom(current.location)),
    artist: tags?.artist ?? null,
    album_artist: tags?.albumArtist ?? null,
    album: tags?.album ?? null,
    year: tags?.year ?? null,
    track: tags?.track ?? null,
    progress:
      current === undefined
        ? null
        : {
            track_progress: Math.round(deck.positionMs(at)),
            track_duration: Math.round(current.durationMs ?? 0),
            playback_speed: deck.isMoving(at) ? 1000 : 0,
          },
    repeat: queue.repeat,
    shuffle: queue.shuffled !== undefined,
  }
}

function controllerOf<B extends Block, Payload>(
  deck: Deck<B>,
  members: readonly Member<B, Payload>[],
): ControllerState {
  const { current, queue } = deck
  const volume = groupVolume(settable(members, 'volume').map((member) => member.volume ?? 100))
  const muted = groupMuted(settable(members, 'mute').map((member) => member.muted ?? false))
  const seekMaxMs = current?.live === true ? undefined : current?.durationMs
  return {
    supported_commands: [
      ...['play', 'pause', 'stop', 'next', 'previous'],
      ...['repeat_off', 'repeat_one', 'repeat_all', 'shuffle', 'unshuffle', 'switch'],
      ...(volume === undefined ? [] : ['volume']),
      ...(muted === undefined ? [] : ['mute']),
      ...(seekMaxMs === undefined ? [] : ['seek', 'seek_relative']),
    ],
    volume: volume ?? 100,
    muted: muted ?? false,
    repeat: queue.repeat,
    shuffle: queue.shuffled !== undefined,
    seek_max_ms: seekMaxMs === undefined ? null : Math.floor(seekMaxMs),
  }
}

/** The members whose volume, or mute, can be set just now. */
export function settable<B extends Block, Payload>(
  members: readonly Member<B, Payload>[],
  command: 'volume' | 'mute',
): readonly Member<B, Payload>[] {
  return members.filter((member) => member.accepts(command))
}

/** A file's name without folder and ending; the whole address of anything else. */
export function titleFrom(location: string): string {
  return location.includes('://') ? location : (location.split(/[/\\]/).at(-1) ?? location).replace(/\.[^.]{1,5}$/, '')
}
