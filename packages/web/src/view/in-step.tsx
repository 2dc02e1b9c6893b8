import { useEffect, useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { ClientStatus, Reading, RoomHistory, Span } from '../contract.js'
import { type Quantity, quantities } from '../quantity.js'
import { apartUs, heardWithinUs, judgeRoom } from '../verdict.js'
import { milliseconds, plural, signedOffset, signedPpm, withinMilliseconds } from '../words.js'
import { Choice } from './choice.js'
import { joinHistories, past, refreshPast } from './past.js'
import { roomColour } from './room-colour.js'
import { RoomPlot } from './room-plot.js'
import { Strip } from './strip.js'

const spans = [
  { id: 'minutes', name: 'Last 10 minutes' },
  { id: 'day', name: 'Last day' },
] as const

export function InStep() {
  const [span, setSpan] = useState<Span>('minutes')
  const [chosen, choose] = useState(quantities[0]!.id)
  const quantity = quantities.find(({ id }) => id === chosen)!
  const link = house.link.value
  useEffect(() => {
    refreshPast(span)
    if (span !== 'day') return
    const timer = setInterval(() => refreshPast('day'), 60_000)
    return () => clearInterval(timer)
  }, [span, link])
  const rooms = house.status.value!.groups.flatMap(({ clients }) => clients).filter(({ isPlayer }) => isPlayer)
  const there = rooms.filter(({ isConnected }) => isConnected)
  if (there.length === 0) {
    return (
      <div class="blank">
        <h2>No room is connected</h2>
        <p>What is measured shows here as soon as one is.</p>
      </div>
    )
  }
  return (
    <div class="step">
      <Overview rooms={there} />
      <div class="step-choices">
        <Choice label="How far back" chosen={span} options={spans} onChoose={setSpan} />
        <Choice label="What to plot" chosen={chosen} options={quantities} onChoose={choose} />
      </div>
      <ul class="panels">
        {rooms.map((client) => (
          <RoomPanel key={client.id} client={client} span={span} quantity={quantity} />
        ))}
      </ul>
      <p class="quiet about">{quantity.about}</p>
    </div>
  )
}

/** Rooms of a group are compared with each other; groups play different things. */
function Overview({ rooms }: { readonly rooms: readonly ClientStatus[] }) {
  const { groups } = house.status.value!
  const shown = groups.flatMap((group) => {
    const heard = group.clients.flatMap(({ id, name, isConnected }) => {
      const reading = house.readings.value.get(id)
      return isConnected && reading?.state === 'playing' ? [{ name, reading }] : []
    })
    return heard.length === 0 ? [] : [{ group, heard }]
  })
  if (shown.length === 0) {
    return (
      <section class="overview">
        <p class="overview-line">Nothing plays just now.</p>
        <p class="quiet">{plural(rooms.length, 'room')} connected; their clocks are kept in step meanwhile.</p>
      </section>
    )
  }
  return (
    <section class="overview" aria-label="Together">
      {shown.map(({ group, heard }) => {
        const apart = apartUs(heard.map(({ reading }) => reading))
        return (
          <div key={group.id}>
            <p class="overview-line">
              {apart === undefined ? (
                <>{group.name} plays</>
              ) : (
                <>
                  <b>{plural(heard.length, 'room')}</b> within <b>{withinMilliseconds(apart)}</b>
                </>
              )}
            </p>
            {shown.length > 1 && <p class="quiet">{group.name}</p>}
            <Strip rooms={heard} />
          </div>
        )
      })}
    </section>
  )
}

interface RoomPanelProps {
  readonly client: ClientStatus
  readonly span: Span
  readonly quantity: Quantity
}

function RoomPanel({ client, span, quantity }: RoomPanelProps) {
  const reading = house.readings.value.get(client.id)
  const { mood, text } = judgeRoom(client, reading, house.recent(client.id), house.serverNow)
  const colour = roomColour(client.id)
  const isLive = client.isConnected && reading !== undefined
  return (
    <li class={`panel ${client.isConnected ? '' : 'is-away'}`}>
      <header>
        <i class="room-dot" style={{ '--colour': colour }} aria-hidden="true" />
        <h2>{client.name}</h2>
        <p class={`verdict is-${mood}`}>{text}</p>
      </header>
      {isLive && (
        <>
          <RoomPlot
            label={`${quantity.name} of ${client.name}`}
            colour={colour}
            quantity={quantity}
            span={span}
            history={span === 'day' ? past.day.value.get(client.id) : recentHistory(client.id)}
            now={house.serverNow}
          />
          <Figures reading={reading} />
        </>
      )}
    </li>
  )
}

function recentHistory(client: string): RoomHistory {
  const readings = house.history(client)
  const spread = (sign: number) => (r: Reading) =>
    r.state !== 'playing' || r.errorBoundUs === undefined ? null : r.lateUs + sign * r.errorBoundUs
  const live = {
    client,
    at: readings.map(({ at }) => at),
    lateUs: readings.map((r) => (r.state === 'playing' ? r.lateUs : null)),
    lowestUs: readings.map(spread(-1)),
    highestUs: readings.map(spread(1)),
    driftPpm: readings.map(({ driftPpm }) => driftPpm ?? null),
    roundTripUs: readings.map(({ roundTripUs }) => roundTripUs ?? null),
    bufferedMs: readings.map(({ bufferedMs }) => bufferedMs),
    dropouts: readings.map((r, i) => {
      const before = readings[i - 1] ?? r
      return Math.max(0, r.starvations + r.underruns - before.starvations - before.underruns)
    }),
  }
  return joinHistories(past.minutes.value.get(client), live)
}

function Figures({ reading }: { readonly reading: Reading }) {
  const within = heardWithinUs(reading)
  const figures: readonly (readonly [name: string, value: string, hint: string])[] = [
    ['Offset', reading.state === 'playing' ? signedOffset(reading.lateUs) : '–', 'How far playback lags its schedule'],
    [
      'Within',
      within === undefined ? '–' : withinMilliseconds(within),
      'Surely no further off than this, clock error included',
    ],
    [
      'Round trip',
      reading.roundTripUs === undefined ? '–' : milliseconds(reading.roundTripUs),
      'To the server and back',
    ],
    [
      'Clock drift',
      reading.driftPpm === undefined ? '–' : signedPpm(reading.driftPpm),
      'The server’s clock against the room’s',
    ],
    ['Correction', signedPpm(reading.ppm), 'How much faster the room plays than its sound card’s own pace'],
    ['Buffer', `${(reading.bufferedMs / 1000).toFixed(1)} s`, 'Music the room has in store'],
    ['Dropouts', String(reading.starvations), 'Times music came too late, since the room started'],
    ['Underruns', String(reading.underruns), 'Times the sound card ran dry, since the room started'],
  ]
  return (
    <dl class="figures">
      {figures.map(([name, value, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd class="figure">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
