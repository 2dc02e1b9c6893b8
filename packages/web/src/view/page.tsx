import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { house } from '../browser/home.js'
import { thisRoom } from '../browser/this-room.js'
import { Icon, type IconName } from './icon.js'
import { InStep } from './in-step.js'
import { Notices } from './notices.js'
import { NowPlaying } from './now-playing.js'
import { Pairing } from './pairing.js'
import { Rooms } from './rooms.js'
import { Settings, settingsOpen } from './settings.js'
import { ThisDevice } from './this-device.js'

const views = [
  { id: 'playing', name: 'Now playing', short: 'Playing', icon: 'note', View: NowPlaying },
  { id: 'rooms', name: 'Rooms', short: 'Rooms', icon: 'speaker', View: Rooms },
  { id: 'step', name: 'In step', short: 'In step', icon: 'pulse', View: InStep },
  { id: 'device', name: 'This device', short: 'This device', icon: 'device', View: ThisDevice },
] as const satisfies readonly { id: string; name: string; short: string; icon: IconName; View: () => unknown }[]

const shown = signal(viewFromAddress())
addEventListener('hashchange', () => {
  shown.value = viewFromAddress()
  scrollTo(0, 0)
})

function viewFromAddress(): (typeof views)[number] {
  return views.find(({ id }) => `#${id}` === location.hash) ?? views[0]
}

export function Page() {
  const { id, name, View } = shown.value
  const serverName = house.status.value?.server.name
  useEffect(() => {
    document.title = serverName === undefined ? 'Tutti' : `${name} · ${serverName}`
  }, [name, serverName])
  if (house.link.value === 'locked') return <Pairing />
  return (
    <div class="page">
      <header class="top">
        <a class="brand" href="#playing" aria-label="Tutti: now playing">
          <span class="brand-mark" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="brand-name">Tutti</span>
        </a>
        <nav class="tabs" aria-label="Views">
          {views.map((view) => (
            <a key={view.id} href={`#${view.id}`} aria-current={view.id === id ? 'page' : undefined}>
              <Icon name={view.icon} />
              <span>{view.short}</span>
              {view.id === 'device' && thisRoom.isOn.value && <i class="lamp" title="This device is a room" />}
            </a>
          ))}
        </nav>
        <button type="button" class="settings-button" title="Settings" onClick={() => (settingsOpen.value = true)}>
          <Icon name="gear" />
          <span>Settings</span>
        </button>
      </header>
      <main class={`view view-${id}`} aria-labelledby="view-name">
        <h1 id="view-name" class={id === 'playing' ? 'unseen' : ''}>
          {name}
        </h1>
        {house.status.value === undefined ? <Waiting /> : <View />}
      </main>
      <Notices />
      {settingsOpen.value && <Settings />}
    </div>
  )
}

function Waiting() {
  return (
    <p class="waiting" role="status">
      {house.link.value === 'lost' ? 'The music server does not answer. Trying again…' : 'Looking for the music…'}
    </p>
  )
}
