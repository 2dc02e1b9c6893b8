import { useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import { joinAsRoom, leaveAsRoom, thisRoom } from '../browser/this-room.js'
import { judgeRoom } from '../verdict.js'
import { Icon } from './icon.js'
import { browserName } from './pairing.js'
import { Volume } from './volume.js'

export function ThisDevice() {
  return (
    <div class="device">
      {thisRoom.isOn.value ? <Playing /> : <Invitation />}
      {thisRoom.problem.value !== undefined && (
        <p class="problem" role="alert">
          {thisRoom.problem.value}
        </p>
      )}
    </div>
  )
}

function Invitation() {
  const [name, setName] = useState(thisRoom.name.value || browserName())
  return (
    <form
      class="invitation"
      onSubmit={(event) => {
        event.preventDefault()
        void joinAsRoom(name.trim() || browserName())
      }}
    >
      <div class="beacon" aria-hidden="true">
        <Icon name="speaker" />
      </div>
      <p class="lead">Turn this phone or laptop into another room. It plays what the others play, in step with them.</p>
      <label class="field">
        <span>Name of the room</span>
        <input value={name} maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button is-main is-large" disabled={thisRoom.isStarting.value}>
        {thisRoom.isStarting.value ? 'Starting…' : 'Play here'}
      </button>
      <ul class="quiet hints">
        <li>Keep this page in front: most phones silence pages that are hidden or locked.</li>
        <li>Bluetooth speakers add a delay that browsers often do not admit. Set it under Rooms.</li>
      </ul>
    </form>
  )
}

function Playing() {
  const report = thisRoom.report.value
  const group = house.status.value!.groups.find(({ clients }) => clients.some(({ id }) => id === report?.clientId))
  const client = group?.clients.find(({ id }) => id === report?.clientId)
  const reading = client && house.readings.value.get(client.id)
  const verdict = client && judgeRoom(client, reading, house.recent(client.id), house.serverNow)
  return (
    <section class="invitation" aria-label="This device">
      <div class={`beacon is-on ${report?.state === 'playing' ? 'is-sounding' : ''}`} aria-hidden="true">
        <Icon name="speaker" />
      </div>
      <h2>{client?.name ?? thisRoom.name.value}</h2>
      <p class={`verdict is-${verdict?.mood ?? 'busy'}`} role="status">
        {verdict?.text ?? 'joining the others…'}
      </p>
      {group && <p class="quiet">{report?.title ? `Playing ${report.title}` : `In group ${group.name}`}</p>}
      {client && (
        <Volume
          of="this device"
          volume={client.volume}
          muted={client.muted}
          onVolume={(volume) => house.do({ command: 'setVolume', client: client.id, volume })}
          onMuted={(muted) => house.do({ command: 'setMuted', client: client.id, muted })}
        />
      )}
      <button type="button" class="button is-large" onClick={() => void leaveAsRoom()}>
        Stop playing here
      </button>
    </section>
  )
}
