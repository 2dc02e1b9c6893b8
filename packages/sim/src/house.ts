/** A server, its rooms and the networks between them, run through a scenario by somebody who can hear all rooms at once. */
import { playerDefaults } from '@tutti/client'
import type { ServerUs } from '@tutti/clock'
import { Crystal, ordinaryCrystal } from './crystal.js'
import { linkPresets } from './link-presets.js'
import { Listener } from './listener.js'
import { Path } from './path.js'
import { Random } from './random.js'
import type { Report } from './report.js'
import type { Fault, Scenario } from './scenario.js'
import { SimClock } from './sim-clock.js'
import { SimRoom } from './sim-room.js'
import { SimServer } from './sim-server.js'
import type { Down, Up } from './wire.js'
import { World } from './world.js'

/** When somebody presses play: all rooms that are on have long connected. */
const playAtS = 2
/** After a restart people take a moment to notice. */
const replayAfterS = 1
/** Rooms are in step while no two are further apart, in µs: a single fused image even on bad networks. */
const inStepUs = 1000
const sampleEveryS = 0.5
const warmUpS = 10

export class House {
  readonly world = new World()
  readonly server: SimServer
  readonly rooms: readonly SimRoom[]
  readonly listener: Listener
  readonly #scenario: Scenario
  readonly #random: Random
  readonly #paths: readonly Path<Up, Down>[]

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#random = new Random(scenario.seed)
    const clock = this.#serverClock()
    const numbers = Array.from({ length: scenario.rooms }, (_, i) => i)
    this.#paths = numbers.map((i) => this.#path(i))
    const wires = this.#paths.map(({ down }) => ({
      send: (item: Down, bytes: number) => down.send(item, bytes, item.session),
      bytesInFlight: (session: number) => down.bytesInFlight(session),
    }))
    this.server = new SimServer(this.world, clock, this.#random.fork('server'), wires)
    this.rooms = numbers.map((i) => this.#room(i))
    const ears = this.rooms.map(({ ear }) => ear)
    const lengthS = scenario.hours * 3600
    this.listener = new Listener(this.world, ears, { everyS: sampleEveryS, warmUpS, inStepUs, lengthS })
    this.#open()
  }

  /** Lets the world run until `atS` seconds of true time. */
  runUntil(atS: number): void {
    this.world.runUntil(atS * 1e6)
  }

  /** Whether somebody downloads through the access point of this room. */
  hasDownload(room: number): boolean {
    return this.#paths[room]!.down.isCrossed
  }

  report(): Report {
    const { rooms, hours, seed, network } = this.#scenario
    const { spread, series, settleS, inStepSinceUs } = this.listener
    const sum = (figure: (room: SimRoom) => number): number =>
      this.rooms.reduce((total, room) => total + figure(room), 0)
    return {
      rooms,
      hours,
      seed,
      network,
      spreadUs: spread.percentiles,
      perRoomErrorUs: this.listener.rooms.map(({ error, sumLateUs }) => ({
        ...error.percentiles,
        meanLateUs: error.count === 0 ? 0 : sumLateUs / error.count,
      })),
      underruns: sum((room) => room.underruns),
      starvations: sum((room) => room.telemetry?.starvations ?? 0),
      gaps: sum((room) => room.ear.gaps.count),
      longestGapS: Math.max(...this.rooms.map(({ ear }) => ear.gaps.longestUs)) / 1e6,
      jumps: sum((room) => room.ear.jumps.count),
      settleS,
      inStepSinceS: inStepSinceUs === undefined ? undefined : inStepSinceUs / 1e6,
      events: this.world.events,
      spreadOverTime: series.points,
      spreadHistogram: [...spread.histogram()],
    }
  }

  #serverClock(): SimClock<ServerUs> {
    const random = this.#random.fork('server')
    const traits = {
      ...ordinaryCrystal,
      startUs: random.fork('boot').between(1e9, 1e12),
      ppm: this.#ppm(random, 'cpu'),
    }
    return new SimClock(this.world, new Crystal(random.fork('crystal'), traits), random.fork('timers'))
  }

  #path(room: number): Path<Up, Down> {
    const random = this.#random.fork(`path ${room}`)
    return new Path(this.world, random, linkPresets[this.#scenario.network], {
      atServer: (item) => this.server.receive(room, item),
      atRoom: (item) => this.rooms[room]!.receive(item),
    })
  }

  #room(index: number): SimRoom {
    const { card, codec, outputDelayMs } = this.#scenario
    const random = this.#random.fork(`room ${index}`)
    const formats = playerDefaults.formats.filter((format) => format.codec === codec)
    const traits = {
      config: { ...playerDefaults, formats, clientId: `room-${index}`, name: `Room ${index}` },
      card,
      outputDelayMs,
      cpuPpm: this.#ppm(random, 'cpu'),
      cardPpm: this.#ppm(random, 'card'),
    }
    const { up } = this.#paths[index]!
    const serverAt = (trueUs: number): ServerUs => this.server.clock.readAt(trueUs)
    return new SimRoom(this.world, random, traits, (item, bytes) => up.send(item, bytes, item.session), serverAt)
  }

  #ppm(random: Random, what: string): number {
    const { crystalPpm } = this.#scenario
    return random.fork(`${what} ppm`).between(-crystalPpm, crystalPpm)
  }

  #open(): void {
    const { faults, live, liveTotalMs } = this.#scenario
    this.server.boot()
    this.#at(playAtS, () => this.server.play(live, liveTotalMs))
    this.rooms.forEach((room, i) => {
      const join = faults.find((fault) => fault.type === 'joinRoom' && fault.room === i)
      // Nobody switches everything on in the same millisecond.
      this.#at(join?.atS ?? this.#random.fork(`switch ${i}`).between(0, 0.5), () => room.start())
    })
    for (const fault of faults) this.#schedule(fault)
  }

  #at(atS: number, run: () => void): void {
    this.world.at(atS * 1e6, run)
  }

  #schedule(fault: Fault): void {
    const { atS } = fault
    const room = 'room' in fault ? this.rooms[fault.room]! : undefined
    switch (fault.type) {
      case 'killServer':
        this.#at(atS, () => this.server.kill())
        this.#at(atS + fault.forS, () => this.server.boot())
        this.#at(atS + fault.forS + replayAfterS, () => this.server.play())
        break
      case 'freezeRoom':
        this.#at(atS, () => room!.freeze())
        this.#at(atS + fault.forS, () => room!.thaw())
        break
      case 'restartRoom':
        this.#at(atS, () => room!.kill())
        this.#at(atS + fault.forS, () => room!.restart())
        break
      case 'suspendRoom':
        this.#at(atS, () => room!.suspend())
        this.#at(atS + fault.forS, () => room!.resume())
        break
      case 'joinRoom':
        break // not switched on before, see #open
      case 'loseNetwork':
        this.#paths[fault.room]!.air.loseNetwork(atS * 1e6, (atS + fault.forS) * 1e6)
        break
      case 'stepClock':
        this.#at(atS, () => room!.clock.step(fault.byMs * 1000))
        break
      case 'slewClock':
        this.#at(atS, () => room!.clock.slew(fault.ppm))
        this.#at(atS + fault.forS, () => room!.clock.slew(0))
        break
      case 'changeCard':
        this.#at(atS, () =>
          room!.changeCard(fault.card, this.#ppm(this.#random.fork(`room ${fault.room}`), 'new card')),
        )
        break
    }
  }
}

/** Runs a scenario to its end. The same scenario always gives the same report. */
export function simulate(scenario: Scenario): Report {
  const house = new House(scenario)
  house.runUntil(scenario.hours * 3600)
  return house.report()
}
