/**
 * Clock filters side by side: each keeps a model of the same server's clock from the same room, over a network of the
 * same traits with the same stalls and downloads, and is compared with the truth once a second.
 */
import { type ClockModel, type Exchange, type LocalUs, type ServerUs, toServer } from '@tutti/clock'
import { Crystal, ordinaryCrystal } from './crystal.js'
import { Distribution, type Percentiles } from './distribution.js'
import { type LinkPreset, linkPresets } from './link-presets.js'
import { Path } from './path.js'
import { Random } from './random.js'
import { SimClock } from './sim-clock.js'
import { World } from './world.js'

/** A way to keep a clock in step: when to ask, and what to make of the answers. `ClockSync` of @tutti/clock is one. */
export interface ClockKeeper {
  start(at: LocalUs): void
  readonly probeDueAt: LocalUs | undefined
  probeSent(at: LocalUs): void
  replyReceived(exchange: Exchange): void
  readonly model: ClockModel | undefined
  /** Standard deviation of the model, µs, where the way to keep a clock knows one. */
  readonly uncertaintyUs?: number | undefined
}

export interface Contender {
  readonly name: string
  readonly create: (random: Random) => ClockKeeper
}

export interface ComparisonSettings {
  readonly network: LinkPreset
  readonly hours: number
  /** Each is a world with other crystals; figures are of all of them together. */
  readonly seeds: readonly number[]
  /** Server's and room's crystals are off by up to this, either way, each. */
  readonly crystalPpm: number
}

/** How wrong one contender's idea of the server's clock was, in µs either way. */
export interface ComparisonRow {
  readonly contender: string
  readonly network: LinkPreset
  /** In the first minute, from the first model on. */
  readonly firstMinuteUs: Percentiles
  /** After the first minute. */
  readonly laterUs: Percentiles
  readonly later: Distribution
  readonly probesPerMinute: number
}

const checkEveryUs = 1e6
const firstMinuteUs = 60e6
/** A time message and its answer as JSON in a WebSocket frame. */
const probeBytes = 100
const replyBytes = 170

export function compareClocks(contenders: readonly Contender[], settings: ComparisonSettings): ComparisonRow[] {
  return contenders.map((contender) => {
    const tally = { firstMinute: new Distribution(), later: new Distribution(), probes: 0 }
    for (const seed of settings.seeds) keepClock(contender, seed, settings, tally)
    return {
      contender: contender.name,
      network: settings.network,
      firstMinuteUs: tally.firstMinute.percentiles,
      laterUs: tally.later.percentiles,
      later: tally.later,
      probesPerMinute: tally.probes / (settings.seeds.length * settings.hours * 60),
    }
  })
}

interface Tally {
  readonly firstMinute: Distribution
  readonly later: Distribution
  probes: number
}

interface Reply {
  readonly requestSentAt: LocalUs
  readonly requestReceivedAt: ServerUs
  readonly replySentAt: ServerUs
}

function keepClock({ create }: Contender, seed: number, settings: ComparisonSettings, tally: Tally): void {
  const world = new World()
  const random = new Random(seed)
  const server = clockOf<ServerUs>(world, random.fork('server'), settings.crystalPpm)
  const local = clockOf<LocalUs>(world, random.fork('room'), settings.crystalPpm)
  const keeper = create(random.fork('keeper'))
  const path = new Path<LocalUs, Reply>(world, random.fork('path'), linkPresets[settings.network], {
    atServer: (requestSentAt) => {
      const now = server.now()
      path.down.send({ requestSentAt, requestReceivedAt: now, replySentAt: now }, replyBytes)
    },
    atRoom: (reply) => {
      keeper.replyReceived({ ...reply, replyReceivedAt: local.now() })
      awaitProbe()
    },
  })
  const timer = local.timer(() => {
    const at = local.now()
    tally.probes++
    keeper.probeSent(at)
    path.up.send(at, probeBytes)
    awaitProbe()
  })
  const awaitProbe = (): void => {
    const { probeDueAt } = keeper
    if (probeDueAt !== undefined) timer.set(probeDueAt)
  }
  const check = world.alarm(() => {
    const { model } = keeper
    if (model) {
      const errorUs = Math.abs(toServer(model, local.readAt(world.nowUs)) - server.readAt(world.nowUs))
      const phase = world.nowUs < firstMinuteUs ? tally.firstMinute : tally.later
      phase.add(errorUs)
    }
    check.set(world.nowUs + checkEveryUs)
  })
  check.set(checkEveryUs)
  keeper.start(local.now())
  awaitProbe()
  world.runUntil(settings.hours * 3600e6)
}

function clockOf<Now extends LocalUs | ServerUs>(world: World, random: Random, crystalPpm: number): SimClock<Now> {
  const traits = {
    ...ordinaryCrystal,
    startUs: random.between(1e9, 1e12),
    ppm: random.between(-crystalPpm, crystalPpm),
  }
  return new SimClock<Now>(world, new Crystal(random.fork('crystal'), traits), random.fork('timers'))
}
