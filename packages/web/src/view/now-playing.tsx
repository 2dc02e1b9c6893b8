import { useEffect, useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { EntryStatus, GroupStatus } from '../contract.js'
import { isRoom } from '../house.js'
import { apartUs } from '../verdict.js'
import { clockTime, plural, spokenTime, withinMilliseconds } from '../words.js'
import { AddMusic, adding } from './add-music.js'
import { Artwork } from './artwork.js'
import { Choice } from './choice.js'
import { Icon, IconButton } from './icon.js'
import { Queue } from './queue.js'
import { Slider } from './slider.js'
import { Strip } from './strip.js'
import { Volume } from './volume.js'

export function NowPlaying() {
  const group = house.group.value
  if (group === undefined) return <NoRooms />
  const entry = house.entry(group)
  return (
    <div class="playing">
      <section class="stage" aria-label="Track">
        <Groups current={group.id} />
        <Artwork entry={entry} />
        <div class="title">
          <h2>{entry?.title ?? 'Nothing queued'}</h2>
          <p>{entry === undefined ? 'Add some music to begin.' : byline(entry)}</p>
        </div>
        {entry === undefined ? (
          <button type="button" class="button is-main" onClick={() => (adding.value = true)}>
            <Icon name="plus" /> Add music
          </button>
        ) : (
          <>
            <Progress group={group} entry={entry} />
            <Transport group={group} />
          </>
        )}
        <Volume
          of={group.clients.length > 1 ? 'all rooms' : group.name}
          volume={group.volume}
          muted={group.muted}
          onVolume={(volume) => house.do({ command: 'setGroupVolume', group: group.id, volume })}
          onMuted={(muted) => house.do({ command: 'setGroupMuted', group: group.id, muted })}
        />
        <Together group={group} />
      </section>
      <Queue group={group} />
      {adding.value && <AddMusic group={group} />}
    </div>
  )
}

function byline({ tags, live }: EntryStatus): string {
  const parts = [tags?.artist ?? tags?.albumArtist, tags?.album].filter((part) => part !== undefined)
  if (parts.length > 0) return parts.join(' — ')
  return live ? 'Live' : ''
}

/** A choice between groups, where there is one. */
function Groups({ current }: { readonly current: string }) {
  const groups = house.status.value!.groups
  if (groups.length < 2) return null
  return (
    <Choice
      label="Which rooms"
      chosen={current}
      options={groups.map((group) => ({
        id: group.id,
        name: (
          <>
            {group.state === 'playing' && <i class="bars" aria-label="playing" role="img" />}
            {group.name}
          </>
        ),
      }))}
      onChoose={(id) => {
        house.chosenGroup.value = id
      }}
    />
  )
}

function Progress({ group, entry }: { readonly group: GroupStatus; readonly entry: EntryStatus }) {
  const [held, hold] = useState<number | undefined>(undefined)
  const [, tick] = useState(0)
  useEffect(() => {
    if (!group.isMoving) return
    const timer = setInterval(() => tick((n) => n + 1), 250)
    return () => clearInterval(timer)
  }, [group.isMoving])
  const now = held ?? house.positionMs(group)
  const { durationMs } = entry
  if (entry.live || durationMs === undefined) {
    return (
      <div class="progress is-live">
        <span class="live-tag">{entry.live ? 'Live' : 'Playing'}</span>
        <span class="figure">{clockTime(now)}</span>
      </div>
    )
  }
  return (
    <div class="progress">
      <Slider
        label="Position in the track"
        class="is-seek"
        value={Math.round(now)}
        max={Math.round(durationMs)}
        step={1000}
        say={(ms) => `${spokenTime(ms)} of ${spokenTime(durationMs)}`}
        onHold={hold}
        onSet={(ms) => house.do({ command: 'seek', group: group.id, positionMs: ms })}
      />
      <span class="figure">{clockTime(now)}</span>
      <span class="figure">−{clockTime(durationMs - now)}</span>
    </div>
  )
}

const repeats = {
  off: { next: 'all', label: 'Repeat: off' },
  all: { next: 'one', label: 'Repeat: the whole queue' },
  one: { next: 'off', label: 'Repeat: this track' },
} as const

function Transport({ group }: { readonly group: GroupStatus }) {
  const isPlaying = group.state === 'playing'
  const repeat = repeats[group.repeat]
  const on = { group: group.id }
  return (
    <fieldset class="transport">
      <legend class="unseen">Playback</legend>
      <IconButton
        icon="shuffle"
        label={group.shuffle ? 'Shuffle: on' : 'Shuffle: off'}
        class="is-mode"
        pressed={group.shuffle}
        onClick={() => house.do({ command: 'setShuffle', ...on, shuffle: !group.shuffle })}
      />
      <IconButton icon="previous" label="Previous track" onClick={() => house.do({ command: 'previous', ...on })} />
      <IconButton
        icon={isPlaying ? 'pause' : 'play'}
        label={isPlaying ? 'Pause' : 'Play'}
        class="is-main"
        onClick={() => house.do({ command: isPlaying ? 'pause' : 'play', ...on })}
      />
      <IconButton icon="next" label="Next track" onClick={() => house.do({ command: 'next', ...on })} />
      <span class={`repeat-${group.repeat}`}>
        <IconButton
          icon="repeat"
          label={repeat.label}
          class="is-mode"
          pressed={group.repeat !== 'off'}
          onClick={() => house.do({ command: 'setRepeat', ...on, repeat: repeat.next })}
        />
      </span>
    </fieldset>
  )
}

/** The rooms that play this, and how close together they are. */
function Together({ group }: { readonly group: GroupStatus }) {
  const rooms = group.clients.filter(isRoom).flatMap(({ id, name }) => {
    const reading = house.readings.value.get(id)
    return reading?.state === 'playing' ? [{ name, reading }] : []
  })
  const apart = apartUs(rooms.map(({ reading }) => reading))
  const count = group.clients.filter(isRoom).length
  const names = new Intl.ListFormat('en').format(group.clients.filter(isRoom).map(({ name }) => name))
  if (count === 0) return <p class="together quiet">No room of this group is connected.</p>
  return (
    <a class="together" href="#step">
      {rooms.length > 1 && <Strip rooms={rooms} />}
      <span>
        {apart === undefined ? (
          names
        ) : (
          <>
            <b>{plural(rooms.length, 'room')}</b> within <b>{withinMilliseconds(apart)}</b> of each other
          </>
        )}
      </span>
    </a>
  )
}

function NoRooms() {
  return (
    <div class="blank">
      <h2>No rooms yet</h2>
      <p>
        Start a player on another machine with <code>tutti join</code>, or make <a href="#device">this device a room</a>
        .
      </p>
    </div>
  )
}
