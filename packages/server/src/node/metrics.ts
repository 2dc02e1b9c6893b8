/** The house in numbers, for Prometheus: made anew whenever they are asked for. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { ServerStatus } from '../status.js'
import type { Reading } from '../telemetry-history.js'

interface Figure {
  readonly name: string
  readonly help: string
  readonly of: (reading: Reading) => number | undefined
  /** Only ever grows, until the player starts anew. */
  readonly isCount?: true
}

/** In base units, as Prometheus wants them: seconds, not microseconds. */
const figures: readonly Figure[] = [
  { name: 'late_seconds', help: 'How far playback lags its schedule, as the room sees it', of: (r) => r.lateUs / 1e6 },
  {
    name: 'clock_error_bound_seconds',
    help: 'How wrong the room may be about the clock of the server, either way, even if a clock is slewed',
    of: ({ errorBoundUs }) => errorBoundUs && errorBoundUs / 1e6,
  },
  { name: 'rate_correction_ppm', help: 'Correction applied to the rate of the sound card', of: ({ ppm }) => ppm },
  {
    name: 'clock_drift_ppm',
    help: 'Speed of the clock of the server against that of the room',
    of: ({ driftPpm }) => driftPpm,
  },
  {
    name: 'round_trip_seconds',
    help: 'Of the last clock exchange',
    of: ({ roundTripUs }) => roundTripUs && roundTripUs / 1e6,
  },
  { name: 'buffered_seconds', help: 'Audio at hand', of: ({ bufferedMs }) => bufferedMs / 1e3 },
  { name: 'playing', help: '1 while audio leaves the room', of: ({ state }) => (state === 'playing' ? 1 : 0) },
  {
    name: 'starvations_total',
    isCount: true,
    help: 'Times due audio was missing, since the player started',
    of: ({ starvations }) => starvations,
  },
  {
    name: 'underruns_total',
    isCount: true,
    help: 'Underruns of the sound card, since the player started',
    of: ({ underruns }) => underruns,
  },
  {
    name: 'jumps_total',
    isCount: true,
    help: 'Re-positionings, since the player started',
    of: ({ jumps }) => jumps,
  },
]

/** Readings older than this say nothing about now. */
const staleUs = 10e6

/** In the text format of Prometheus. */
export async function describeMetrics(status: ServerStatus, readings: readonly Reading[]): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  const labelNames = ['room', 'name'] as const
  const clients = status.groups.flatMap((group) => group.clients)
  const nameOf = new Map(clients.map(({ id, name }) => [id, name]))

  const connected = new Gauge({ name: 'tutti_room_connected', help: '1 while it is there', labelNames, registers })
  for (const { id, name, isConnected } of clients) connected.set({ room: id, name }, isConnected ? 1 : 0)
  const playing = new Gauge({
    name: 'tutti_group_playing',
    help: '1 while the group plays',
    labelNames: ['group', 'name'] as const,
    registers,
  })
  for (const { id, name, state } of status.groups) playing.set({ group: id, name }, state === 'playing' ? 1 : 0)

  const fresh = readings.filter(({ at, client }) => status.at - at < staleUs && nameOf.has(client))
  for (const { name, help, of, isCount } of figures) {
    const about = { name: `tutti_room_${name}`, help, labelNames, registers }
    const metric = isCount ? new Counter(about) : new Gauge(about) // both count up from 0
    for (const reading of fresh) {
      const value = of(reading)
      if (value !== undefined) metric.inc({ room: reading.client, name: nameOf.get(reading.client)! }, value)
    }
  }
  return registry.metrics()
}
