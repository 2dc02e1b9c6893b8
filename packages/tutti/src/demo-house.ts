/** A house on one machine: a coordinator, rooms in processes of their own, and an ear that hears all of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hrtimeUs, noSkew, type OutputSpec } from '@tutti/client/node'
import type { ServerEvent } from '@tutti/server'
import type { RunningServer } from '@tutti/server/node'
import { pageFolder } from '@tutti/web'
import { defaultPort, path, startCoordinator } from './coordinator.js'
import { type Comparison, RoomComparison } from './room-comparison.js'
import { RoomProcess } from './room-process.js'
import { virtualCard } from './virtual-card.js'

interface RoomTraits {
  readonly name: string
  /** Speed of its sound card's crystal, ppm. */
  readonly crystalPpm: number
  /** Speed of its computer's clock, ppm. */
  readonly clockPpm: number
}

/** Ordinary crystals: within 100 ppm. */
export const houseTraits: readonly RoomTraits[] = [
  { name: 'Kitchen', crystalPpm: 60, clockPpm: -20 },
  { name: 'Living room', crystalPpm: -45, clockPpm: 35 },
  { name: 'Bedroom', crystalPpm: 10, clockPpm: 8 },
  { name: 'Bathroom', crystalPpm: -85, clockPpm: -40 },
  { name: 'Study', crystalPpm: 30, clockPpm: 15 },
  { name: 'Hall', crystalPpm: -12, clockPpm: 50 },
  { name: 'Attic', crystalPpm: 95, clockPpm: -5 },
  { name: 'Workshop', crystalPpm: -70, clockPpm: 22 },
]

export interface HouseOptions {
  /** At most as many as there are `houseTraits`. */
  readonly rooms: number
  /** What a further room, which is audible but not compared, plays on: no real card knows when it is heard. */
  readonly audible: OutputSpec | undefined
  readonly locations: readonly string[]
  readonly onEvent: (event: ServerEvent) => void
  /** One line for people. */
  readonly onProblem: (text: string) => void
}

/** Clocks of computers that were switched on at different times, this far apart. */
const clockOffsetUs = 1_234_567_890

export class DemoHouse {
  readonly rooms: readonly RoomProcess[]
  /** The room with the real sound card. */
  readonly audible: RoomProcess | undefined
  readonly #folder: string
  readonly #server: RunningServer
  readonly #comparison: RoomComparison

  /** Rejects with a Complaint when the coordinator cannot start. */
  static async open(options: HouseOptions): Promise<DemoHouse> {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-demo-'))
    try {
      const start = (port: number) =>
        startCoordinator({
          allowsPrograms: false,
          name: 'Tutti demo',
          host: '127.0.0.1',
          port,
          control: {
            names: [],
            page: pageFolder,
            admitsOthers: false,
            musicFolders: [],
            onPairingCode: () => undefined,
          },
          stateFolder: folder,
          discovers: false,
          players: [],
          encoder: {},
          locations: options.locations,
          onEvent: options.onEvent,
          onProblem: options.onProblem,
        })
      const server = await start(defaultPort).catch(() => start(0)) // one may be running already
      return new DemoHouse(folder, server, options)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  private constructor(folder: string, server: RunningServer, { rooms, audible, onProblem }: HouseOptions) {
    this.#folder = folder
    this.#server = server
    const traits = houseTraits.slice(0, rooms)
    this.#comparison = new RoomComparison(traits.map(({ name }) => name))
    const common = { url: `ws://127.0.0.1:${server.port}${path}`, orphanFolder: folder }
    this.rooms = traits.map(({ name, crystalPpm, clockPpm }, i) => {
      const skew = { offsetUs: (i + 1) * clockOffsetUs, ppm: clockPpm }
      const spec = { ...common, name, output: virtualCard(crystalPpm, i), skew }
      const heard = this.#comparison.add.bind(this.#comparison, name)
      return new RoomProcess(spec, { heard, problem: onProblem })
    })
    if (audible) {
      const spec = { ...common, name: 'Here', output: audible, skew: noSkew }
      this.audible = new RoomProcess(spec, { heard: () => undefined, problem: onProblem })
    }
  }

  /** Of its page, on this machine. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.port}/`
  }

  /** Title of what is played. */
  get title(): string {
    const [group] = this.#server.status().groups.filter(({ state }) => state === 'playing')
    return group?.queue.find(({ id }) => id === group.current)?.title ?? ''
  }

  /** How far apart the rooms were heard at the instants since the last call. */
  compare(): readonly Comparison[] {
    return this.#comparison.compare(hrtimeUs())
  }

  /** Resolves when no process and no file is left. */
  async close(): Promise<void> {
    await Promise.all([...this.rooms, this.audible].map((room) => room?.stop()))
    await this.#server.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
