/**
 * Rooms that all play the same rival's way, over the same networks, on the same crystals and cards, heard by somebody
 * who can hear all of them at once. Audio and questions share one connection, as they do with every rival.
 *
 * The server sends every frame the same time before it is due. Speaking to the server, playing, and what the sound card says are
 * the rival's business; sessions, formats and loss of connections are not modelled here (`House` is for that).
 */
import type { LocalUs, ServerUs } from '@tutti/clock'
import { cardPresets } from '../card-presets.js'
import { Crystal, type CrystalTraits } from '../crystal.js'
import { Ear } from '../ear.js'
import { type LinkPreset, linkPresets } from '../link-presets.js'
import { Listener } from '../listener.js'
import { Path } from '../path.js'
import { Random } from '../random.js'
import { SimCard } from '../sim-card.js'
import { SimClock } from '../sim-clock.js'
import { World } from '../world.js'
import type { Conductor, Order, Remark, Rival, RivalMedia, RivalPlayer } from './rival.js'

export interface RivalSettings {
  readonly network: LinkPreset
  readonly hours: number
  readonly seed: number
  /** Of each room's computer, ppm against the server's; as many as there are rooms. */
  readonly cpuPpm: readonly number[]
  /** Of each room's sound card, ppm. */
  readonly cardPpm: readonly number[]
  /** Of every crystal, but for its constant error. */
  readonly crystal: CrystalTraits
  /** Samples count from so long after every room was first heard, in seconds. */
  readonly warmUpS: number
}

const sampleRate = 48_000
const packetFrames = 960 // 20 ms, what Snapcast's FLAC comes to
const packetBytes = 2_364 // FLAC at 60 % of PCM, and headers
const questionBytes = 100
const answerBytes = 170
const defaultBufferS = 1
/** The music begins; rooms have been on for a while. */
const playAtUs = 5e6
const checkEveryUs = 950_000 // how often LMS compares its players
const inStepUs = 1000
/** In step for so long is settled. */
const settledS = 30
const watchEveryUs = 0.5e6

interface Question {
  readonly sentAt: LocalUs
  readonly remark: Remark
}

type Down =
  | { readonly kind: 'audio'; readonly firstDueAt: ServerUs; readonly endFrame: number }
  | { readonly kind: 'order'; readonly order: Order }
  | {
      readonly kind: 'answer'
      readonly requestSentAt: LocalUs
      readonly requestReceivedAt: ServerUs
      readonly replySentAt: ServerUs
    }

export class RivalHouse {
  readonly world = new World()
  readonly listener: Listener
  readonly #rival: Rival
  readonly #settings: RivalSettings
  readonly #bufferUs: number
  readonly #random: Random
  readonly #server: SimClock<ServerUs>
  readonly #rooms: readonly Room[]
  readonly #conductor: Conductor | undefined
  #settledAtUs: number | undefined
  #firstDueAt: ServerUs | undefined
  #sentFrames = 0

  constructor(rival: Rival, settings: RivalSettings) {
    this.#rival = rival
    this.#settings = settings
    this.#bufferUs = (rival.bufferS ?? defaultBufferS) * 1e6
    this.#random = new Random(settings.seed)
    const server = this.#random.fork('server')
    const traits = { ...settings.crystal, startUs: server.between(1e9, 1e12) }
    this.#server = new SimClock<ServerUs>(
      this.world,
      new Crystal(server.fork('crystal'), traits),
      server.fork('timers'),
    )
    this.#rooms = settings.cpuPpm.map((_, i) => this.#room(i))
    const tell = (room: number, order: Order): void =>
      this.#rooms[room]!.path.down.send({ kind: 'order', order }, answerBytes)
    this.#conductor = rival.conduct?.(this.#rooms.length, tell)
    const ears = this.#rooms.map(({ ear }) => ear)
    const lengthS = settings.hours * 3600
    this.listener = new Listener(this.world, ears, { everyS: 0.5, warmUpS: settings.warmUpS, inStepUs, lengthS })
    this.#begin()
  }

  /** Lets the world run until `atS` seconds of true time. */
  runUntil(atS: number): void {
    this.world.runUntil(atS * 1e6)
  }

  /** Single frames dropped or repeated, all rooms together. */
  get slips(): number {
    return this.#rooms.reduce((sum, { player }) => sum + player.slips, 0)
  }

  /** Steps of more than a quarter of a millisecond, and silences, all rooms together. */
  get breaks(): { readonly jumps: number; readonly gaps: number } {
    const total = { jumps: 0, gaps: 0 }
    for (const { ear } of this.#rooms) {
      total.jumps += ear.jumps.count
      total.gaps += ear.gaps.count
    }
    return total
  }

  /** From when the music was due until the rooms were within a millisecond for half a minute; undefined if never. */
  get settleS(): number | undefined {
    return this.#settledAtUs === undefined ? undefined : (this.#settledAtUs - playAtUs - this.#bufferUs) / 1e6
  }

  #room(index: number): Room {
    const { network, cpuPpm, cardPpm, crystal } = this.#settings
    const { world } = this
    const random = this.#random.fork(`room ${index}`)
    const cpu = { ...crystal, startUs: random.fork('boot').between(1e9, 1e12), ppm: cpuPpm[index]! }
    const clock = new SimClock(world, new Crystal(random.fork('cpu'), cpu), random.fork('timers'))
    const cardCrystal = new Crystal(random.fork('card'), { ...crystal, ppm: cardPpm[index]! })
    const traits = { ...cardPresets.i2s, ...this.#rival.card }
    const card = new SimCard(world, clock, cardCrystal, random.fork('reports'), traits)
    const media = new ArrivedMedia()
    const dueAt = (frame: number): ServerUs | undefined =>
      media.firstDueAt === undefined ? undefined : ((media.firstDueAt + (frame * 1e6) / sampleRate) as ServerUs)
    const ear = new Ear(dueAt, (trueUs) => this.#server.readAt(trueUs))
    const player = this.#rival.create(
      {
        random,
        sampleRate,
        media,
        play: (plan, frames) => ear.hear(plan, frames, card.heardFromUs, card.heardUntilUs),
      },
      clock.now(),
    )
    const path = new Path<Question, Down>(world, random.fork('path'), linkPresets[network], {
      atServer: (question) => this.#questioned(index, question),
      atRoom: (item) => {
        receive(item)
        awaitRemark()
      },
    })
    const timer = clock.timer(() => {
      const sentAt = clock.now()
      path.up.send({ sentAt, remark: player.remark(sentAt) }, questionBytes)
      awaitRemark()
    })
    const awaitRemark = (): void => {
      const { remarkDueAt } = player
      if (remarkDueAt !== undefined) timer.set(remarkDueAt)
    }
    const receive = (item: Down): void => {
      if (item.kind === 'audio') media.arrived(item.firstDueAt, item.endFrame)
      else if (item.kind === 'order') player.obey(item.order)
      else player.answered({ ...item, replyReceivedAt: clock.now() })
    }
    card.start((period) => player.render(period))
    awaitRemark()
    return { player, ear, path }
  }

  #questioned(room: number, { sentAt, remark }: Question): void {
    const now = this.#server.now()
    this.#conductor?.noted(room, sentAt, remark, now)
    const answer = { kind: 'answer', requestSentAt: sentAt, requestReceivedAt: now, replySentAt: now } as const
    this.#rooms[room]!.path.down.send(answer, answerBytes)
  }

  #begin(): void {
    const { world } = this
    const packets = world.alarm(() => {
      this.#sendAudio()
      packets.set(world.nowUs + (packetFrames * 1e6) / sampleRate)
    })
    packets.set(playAtUs)
    const conducting = world.alarm(() => {
      this.#conductor?.check(this.#server.now())
      conducting.set(world.nowUs + checkEveryUs)
    })
    // What a conductor announces is heard when the others begin, too.
    world.at(playAtUs + this.#bufferUs - 200_000, () => this.#conductor?.begin(this.#server.now()))
    conducting.set(playAtUs + this.#bufferUs + checkEveryUs)
    const watch = world.alarm(() => {
      const sinceUs = this.listener.inStepSinceUs
      if (sinceUs !== undefined && world.nowUs - sinceUs >= settledS * 1e6) this.#settledAtUs = sinceUs
      else watch.set(world.nowUs + watchEveryUs)
    })
    watch.set(playAtUs + this.#bufferUs)
  }

  #sendAudio(): void {
    this.#firstDueAt ??= (this.#server.now() + this.#bufferUs) as ServerUs
    this.#sentFrames += packetFrames
    const item = { kind: 'audio', firstDueAt: this.#firstDueAt, endFrame: this.#sentFrames } as const
    for (const { path } of this.#rooms) path.down.send(item, packetBytes)
  }
}

interface Room {
  readonly player: RivalPlayer
  readonly ear: Ear
  readonly path: Path<Question, Down>
}

class ArrivedMedia implements RivalMedia {
  readonly firstFrame = 0
  endFrame = 0
  firstDueAt: ServerUs | undefined

  arrived(firstDueAt: ServerUs, endFrame: number): void {
    this.firstDueAt ??= firstDueAt
    this.endFrame = endFrame
  }
}
