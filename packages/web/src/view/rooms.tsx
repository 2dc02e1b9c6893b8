import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { ClientStatus, GroupStatus } from '../contract.js'
import { plural } from '../words.js'
import { Name } from './name.js'
import { RoomCard } from './room-card.js'
import { Volume } from './volume.js'

/** Where a dragged room would land: a group's id, or `new`. */
export const landing = signal<string | undefined>(undefined)

export function Rooms() {
  const [said, say] = useState('')
  const { groups } = house.status.value!
  const everyone = groups.flatMap(({ clients }) => clients)
  if (everyone.length === 0) {
    return (
      <div class="blank">
        <h2>No rooms yet</h2>
        <p>
          Start a player on another machine with <code>tutti join</code>, or make{' '}
          <a href="#device">this device a room</a>.
        </p>
      </div>
    )
  }
  const move = (client: ClientStatus, to: string): void => {
    if (to === 'new') {
      void house.do({ command: 'isolateClient', client: client.id })
      say(`${client.name} plays on its own now`)
      return
    }
    void house.do({ command: 'moveClient', client: client.id, group: to })
    say(`${client.name} plays with ${groups.find(({ id }) => id === to)?.name} now`)
  }
  return (
    <div class="groups">
      {groups
        .filter(({ clients }) => clients.length > 0)
        .map((group) => (
          <Group key={group.id} group={group} onMove={move} />
        ))}
      <div class={`new-group ${landing.value === 'new' ? 'is-over' : ''}`} data-group="new">
        Drop here to play on its own
      </div>
      <p class="unseen" aria-live="polite">
        {said}
      </p>
    </div>
  )
}

function Group({
  group,
  onMove,
}: {
  readonly group: GroupStatus
  readonly onMove: (client: ClientStatus, to: string) => void
}) {
  const entry = house.entry(group)
  const playing =
    group.state === 'playing' ? `Playing ${entry?.title ?? ''}` : entry ? `Paused: ${entry.title}` : 'Quiet'
  return (
    <section
      class={`group ${landing.value === group.id ? 'is-over' : ''}`}
      data-group={group.id}
      aria-label={`Group ${group.name}`}
    >
      <header>
        <Name
          name={group.name}
          what="group"
          level="h2"
          onRename={(name) => house.do({ command: 'renameGroup', group: group.id, name })}
        />
        <button type="button" class="link quiet" onClick={() => show(group)}>
          {playing} · {plural(group.clients.length, 'room')}
        </button>
        {group.clients.length > 1 && (
          <Volume
            of={`group ${group.name}`}
            volume={group.volume}
            muted={group.muted}
            onVolume={(volume) => house.do({ command: 'setGroupVolume', group: group.id, volume })}
            onMuted={(muted) => house.do({ command: 'setGroupMuted', group: group.id, muted })}
          />
        )}
      </header>
      <ul class="cards">
        {group.clients.map((client) => (
          <RoomCard key={client.id} client={client} group={group} onMove={onMove} />
        ))}
      </ul>
    </section>
  )
}

function show(group: GroupStatus): void {
  house.chosenGroup.value = group.id
  location.hash = 'playing'
}
