/**
 * What it costs that clock probes share a connection with the audio: `npm run bench:head-of-line`, with `-- --hours 1
 * --seeds 8` as wanted. The same rooms keep their clock while no audio goes out at all, while it goes out on a connection
 * of its own, and while it goes out on that of the probes. Deterministic: the same options print the same figures.
 *
 * On a connection of its own the audio still takes the radio's time, and a reply waits for what is being sent; but it
 * does not wait for audio that TCP has to send again, nor does it keep behind audio that is late for another reason.
 */
import { parseArgs } from 'node:util'
import { type ClockModel, ClockSync, type LocalUs, type ServerUs, toServer } from '@tutti/clock'
import { defaultPacing } from '@tutti/server'
import { Crystal, ordinaryCrystal } from '../src/crystal.js'
import { Distribution } from '../src/distribution.js'
import { type LinkPreset, linkPresets } from '../src/link-presets.js'
import { Path } from '../src/path.js'
import { Random } from '../src/random.js'
import { SimClock } from '../src/sim-clock.js'
import { World } from '../src/world.js'
import { orUsage } from './usage.js'

const networks: readonly LinkPreset[] = ['quiet-lan', 'home-wifi', 'busy-wifi', 'edge-of-range', 'asymmetric-queue']
/** Of music, in bytes a second with headers: Opus at 160 kbit/s, FLAC of a loud record, 16-bit PCM. */
const codecs = { opus: 22_000, flac: 115_000, pcm: 193_000 } as const
type CodecName = keyof typeof codecs
const arrangements = ['no audio', 'own connection', 'shared'] as const
type Arrangement = (typeof arrangements)[number]

/** As the server sends it. */
const batchUs = defaultPacing.paceMs * 1000
const probeBytes = 100
const replyBytes = 170
const crystalPpm = 100
const settledUs = 60e6
const checkEveryUs = 1e6

interface Reply {
  readonly requestSentAt: LocalUs
  readonly requestReceivedAt: ServerUs
  readonly replySentAt: ServerUs
}

interface Tally {
  readonly firstMinute: Distribution
  readonly later: Distribution
  readonly roundTrips: Distribution
}

const usage = 'bench:head-of-line: --hours (0.25) is a number from 0.05 to 100, --seeds (8) how many rooms'
const { hours, seeds } = orUsage(usage, () => {
  const { values } = parseArgs({
    options: { hours: { type: 'string', default: '0.25' }, seeds: { type: 'string', default: '8' } },
  })
  const [hours, seeds] = [Number(values.hours), Number(values.seeds)]
  if (!(hours >= 0.05 && hours <= 100 && seeds >= 1))
    throw new Error(`not ${values.hours} hours of ${values.seeds} rooms`)
  return { hours, seeds }
})

const head = [
  `${seeds} rooms of ${hours} h each; error of the room's idea of the server's clock, µs either way`,
  '',
  '| network | codec | audio | first minute p50 | p99 | later p50 | p99 | max | round trip p50 | p99 |',
  '|---|---|---|---:|---:|---:|---:|---:|---:|---:|',
]
process.stdout.write(`${head.join('\n')}\n`)
for (const network of networks) {
  for (const codec of Object.keys(codecs) as CodecName[]) {
    for (const arrangement of arrangements) {
      if (arrangement === 'no audio' && codec !== 'opus') continue // the same for all
      const tally = { firstMinute: new Distribution(), later: new Distribution(), roundTrips: new Distribution() }
      for (let seed = 1; seed <= seeds; seed++) keepClock(network, codecs[codec], arrangement, seed, tally)
      const [first, later, trips] = [tally.firstMinute, tally.later, tally.roundTrips].map((it) => it.percentiles)
      const figures = [first!.p50, first!.p99, later!.p50, later!.p99, later!.max, trips!.p50, trips!.p99]
      const cells = [
        network,
        arrangement === 'no audio' ? '–' : codec,
        arrangement,
        ...figures.map((us) => us.toFixed(0)),
      ]
      process.stdout.write(`| ${cells.join(' | ')} |\n`)
    }
  }
}

function keepClock(network: LinkPreset, bytesPerS: number, arrangement: Arrangement, seed: number, tally: Tally): void {
  const world = new World()
  const random = new Random(seed)
  const server = clockOf<ServerUs>(world, random.fork('server'))
  const local = clockOf<LocalUs>(world, random.fork('room'))
  const sync = new ClockSync({ random: random.fork('sync') })
  const traits = linkPresets[network]
  let radioFreeAtUs = 0
  const path = new Path<LocalUs, Reply | 'audio'>(world, random.fork('path'), traits, {
    atServer: (requestSentAt) => {
      const now = server.now()
      const reply = { requestSentAt, requestReceivedAt: now, replySentAt: now }
      world.at(Math.max(world.nowUs, radioFreeAtUs), () => path.down.send(reply, replyBytes))
    },
    atRoom: (item) => {
      if (item === 'audio') return
      const now = local.now()
      tally.roundTrips.add(now - item.requestSentAt)
      sync.replyReceived({ ...item, replyReceivedAt: now })
      awaitProbe()
    },
  })
  const timer = local.timer(() => {
    const at = local.now()
    sync.probeSent(at)
    path.up.send(at, probeBytes)
    awaitProbe()
  })
  const awaitProbe = (): void => {
    if (sync.probeDueAt !== undefined) timer.set(sync.probeDueAt)
  }
  const pace = world.alarm(() => {
    const bytes = (bytesPerS * batchUs) / 1e6
    if (arrangement === 'shared') path.down.send('audio', bytes)
    if (arrangement === 'own connection') radioFreeAtUs = world.nowUs + (bytes / traits.down.rateBytesPerS) * 1e6
    pace.set(world.nowUs + batchUs)
  })
  const check = world.alarm(() => {
    const { model } = sync
    if (model !== undefined) noteError(model, world.nowUs)
    check.set(world.nowUs + checkEveryUs)
  })
  const noteError = (model: ClockModel, nowUs: number): void => {
    const errorUs = Math.abs(toServer(model, local.readAt(nowUs)) - server.readAt(nowUs))
    const phase = nowUs < settledUs ? tally.firstMinute : tally.later
    phase.add(errorUs)
  }
  pace.set(random.fork('pace').between(0, batchUs))
  check.set(checkEveryUs)
  sync.start(local.now())
  awaitProbe()
  world.runUntil(hours * 3600e6)
}

function clockOf<Now extends LocalUs | ServerUs>(world: World, random: Random): SimClock<Now> {
  const traits = {
    ...ordinaryCrystal,
    startUs: random.between(1e9, 1e12),
    ppm: random.between(-crystalPpm, crystalPpm),
  }
  return new SimClock<Now>(world, new Crystal(random.fork('crystal'), traits), random.fork('timers'))
}
