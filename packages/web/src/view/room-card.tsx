import { useEffect, useRef, useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { ClientStatus, GroupStatus, Reading } from '../contract.js'
import { judgeRoom } from '../verdict.js'
import { startDrag } from './drag.js'
import { Icon, IconButton } from './icon.js'
import { Name } from './name.js'
import { roomColour } from './room-colour.js'
import { landing } from './rooms.js'
import { Slider } from './slider.js'
import { Volume } from './volume.js'

type ChannelMode = Reading['channel']

const channelNames: Readonly<Record<ChannelMode, string>> = {
  stereo: 'Stereo',
  left: 'Left only',
  right: 'Right only',
  mono: 'Both, mixed to mono',
}

/** The room that was moved by keyboard: its card is drawn anew in its new group, and the focus follows it there. */
let carried: string | undefined
/** Rooms whose settings are open: they stay so in another group. */
const unfolded = new Set<string>()

/** Beyond this the slider would be too coarse; the field beside it takes the rest, up to `longestDelayMs`. */
const slidDelayMs = 500
const longestDelayMs = 5000

interface RoomCardProps {
  readonly client: ClientStatus
  readonly group: GroupStatus
  readonly onMove: (client: ClientStatus, to: string) => void
}

export function RoomCard({ client, group, onMove }: RoomCardProps) {
  const card = useRef<HTMLLIElement>(null)
  const grip = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (carried !== client.id) return
    carried = undefined
    grip.current?.focus()
  }, [client.id])
  const [isOpen, setOpen] = useState(unfolded.has(client.id))
  const fold = (): void => {
    if (isOpen) unfolded.delete(client.id)
    else unfolded.add(client.id)
    setOpen(!isOpen)
  }
  const reading = house.readings.value.get(client.id)
  const { mood, text } = judgeRoom(client, reading, house.recent(client.id), house.serverNow)
  const ofClient = { client: client.id }
  const { groups } = house.status.value!

  const byArrow = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    if (step === 0) return
    event.preventDefault()
    const there = groups.filter(({ clients }) => clients.length > 0)
    const at = there.findIndex(({ id }) => id === group.id) + step
    const to = at < 0 ? undefined : (there[at]?.id ?? (group.clients.length > 1 ? 'new' : undefined))
    if (to === undefined) return
    carried = client.id
    onMove(client, to)
  }
  return (
    <li ref={card} class={`card ${client.isConnected ? '' : 'is-away'}`} style={{ '--colour': roomColour(client.id) }}>
      <div class="card-head">
        <button
          type="button"
          class="grip"
          ref={grip}
          aria-label={`Move ${client.name} to another group: use the up and down arrow keys`}
          title="Drag to another group, or use the arrow keys"
          onPointerDown={(event) =>
            startDrag(event, card.current!, 'data-group', {
              over: (target) => (landing.value = target?.dataset.group),
              drop: (target) => {
                const to = target?.dataset.group
                if (to !== undefined && to !== group.id) onMove(client, to)
              },
            })
          }
          onKeyDown={byArrow}
        >
          <Icon name="grip" />
        </button>
        <i class="room-dot" aria-hidden="true" />
        <Name
          name={client.name}
          what="room"
          level="h3"
          onRename={(name) => house.do({ command: 'renameClient', ...ofClient, name })}
        />
        <IconButton icon="chevron" label={`Settings of ${client.name}`} expanded={isOpen} onClick={fold} />
      </div>
      <p class={`verdict is-${mood}`}>{text}</p>
      {client.isConnected && (
        <Volume
          of={client.name}
          volume={client.volume}
          muted={client.muted}
          onVolume={(volume) => house.do({ command: 'setVolume', ...ofClient, volume })}
          onMuted={(muted) => house.do({ command: 'setMuted', ...ofClient, muted })}
        />
      )}
      {isOpen && <RoomSettings client={client} group={group} onMove={onMove} channel={reading?.channel} />}
    </li>
  )
}

function RoomSettings({
  client,
  group,
  onMove,
  channel,
}: RoomCardProps & { readonly channel: ChannelMode | undefined }) {
  const ofClient = { client: client.id }
  const { groups } = house.status.value!
  const setDelay = (outputDelayMs: number): void => {
    if (Number.isFinite(outputDelayMs)) {
      const bounded = Math.max(0, Math.min(longestDelayMs, Math.round(outputDelayMs)))
      void house.do({ command: 'setOutputDelay', ...ofClient, outputDelayMs: bounded })
    }
  }
  return (
    <div class="fields">
      <label class="field">
        <span>Plays with</span>
        <select value={group.id} onChange={(event) => onMove(client, event.currentTarget.value)}>
          {groups.map(({ id, name, clients }) => (
            <option key={id} value={id}>
              {id === group.id && clients.length === 1 ? `${name} (alone)` : name}
            </option>
          ))}
          {group.clients.length > 1 && <option value="new">On its own</option>}
        </select>
      </label>
      {client.isConnected && channel !== undefined && (
        <label class="field">
          <span>Channel</span>
          <select
            value={channel}
            onChange={(event) =>
              house.do({ command: 'setChannel', ...ofClient, channel: event.currentTarget.value as ChannelMode })
            }
          >
            {(Object.keys(channelNames) as ChannelMode[]).map((mode) => (
              <option key={mode} value={mode}>
                {channelNames[mode]}
              </option>
            ))}
          </select>
        </label>
      )}
      {client.isConnected && client.isPlayer && (
        <div class="field">
          <span id={`delay-${client.id}`}>Output delay</span>
          <div class="delay">
            <Slider
              label={`Output delay of ${client.name}`}
              value={Math.min(client.outputDelayMs, slidDelayMs)}
              max={slidDelayMs}
              say={(ms) => `${ms} milliseconds`}
              onSlide={setDelay}
            />
            <input
              type="number"
              min={0}
              max={longestDelayMs}
              value={client.outputDelayMs}
              aria-labelledby={`delay-${client.id}`}
              onChange={(event) => setDelay(Number(event.currentTarget.value))}
            />
            <span aria-hidden="true">ms</span>
          </div>
          <small class="quiet">
            For amplifiers and Bluetooth speakers that sound late. Moves at once, so listen while you slide.
          </small>
        </div>
      )}
      <dl class="facts">
        {client.format !== undefined && (
          <div>
            <dt>Receives</dt>
            <dd>
              {client.format.codec.toUpperCase()} {client.format.sampleRate / 1000} kHz
            </dd>
          </div>
        )}
        {house.readings.value.get(client.id)?.output !== undefined && (
          <div>
            <dt>Sound card</dt>
            <dd>{house.readings.value.get(client.id)!.output}</dd>
          </div>
        )}
      </dl>
      {!client.isConnected && (
        <button type="button" class="button" onClick={() => house.do({ command: 'forgetClient', ...ofClient })}>
          Forget this room
        </button>
      )}
    </div>
  )
}
