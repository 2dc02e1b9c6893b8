/** What clients are told about their group: built from its state, sent when it differs from what they know. */
import type { ServerUs } from '@tutti/clock'
import type { ControllerState, GroupUpdate, Metadata } from '@tutti/protocol'
import type { Block } from './block.js'
import type { Deck } from './deck.js'
import { groupMuted, groupVolume } from './group-volume.js'
import type { Member } from './member.js'

export function groupUpdate(group: { readonly id: string; readonly name: string }, isPlaying: boolean): GroupUpdate {
  return { group_id: group.id, group_name: group.name, playback_state: isPlaying ? 'playing' : 'stopped' }
}

/** What is heard at `at`. Every field is there, so that nothing of the last track stays on a display. */
export function metadataOf<B extends Block>(deck: Deck<B>, at: ServerUs): Metadata {
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

export function controllerOf<B extends Block, Payload>(
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
