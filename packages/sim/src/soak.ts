/**
 * A long time in a house in which everything goes wrong now and then. After each trial all rooms must be in step again
 * in time; between trials they must stay so, and during a trial those rooms to which nothing happens, but for lapses that
 * the network itself explains. Buffers stay bounded, and those of music from files fill again: a room that lives from hand
 * to mouth is heard at the next mishap. All live audio lives so: a lapse of silence is the network's own also where it falls
 * into the last seconds of a trial, if all rooms had recovered from that before.
 */
import { playerDefaults } from '@tutti/client'
import { defaultPacing } from '@tutti/server'
import { Distribution, type Percentiles } from './distribution.js'
import { House } from './house.js'
import type { LinkPreset } from './link-presets.js'
import type { Fault, Scenario } from './scenario.js'
import { planSoak, type SoakPlan, type SoakSettings, type Trial } from './soak-plan.js'
import { StepRecord } from './step-record.js'

export interface SoakFailure {
  readonly atS: number
  /** One line: what was expected and what was heard instead. */
  readonly text: string
}

export interface SoakReport {
  readonly scenario: Scenario
  readonly trials: number
  readonly faults: number
  /** From the end of a trial until all rooms were in step, in seconds. */
  readonly recoveryS: Percentiles
  /** Spread while nothing was being recovered from, in µs. */
  readonly calmUs: Percentiles
  /** Share of the looks at that time at which something was wrong, 0 to 1. */
  readonly lapsedShare: number
  /** The most encoded and decoded audio a room held, in ms. */
  readonly bufferedMs: number
  /** The least that a room held of a file while nothing was being recovered from, in ms. */
  readonly leastBufferedMs: number | undefined
  readonly events: number
  readonly failures: readonly SoakFailure[]
}

/** How well a network lets rooms be in step, and for how long it may spoil that by itself. */
interface Quality {
  /** Spread up to which rooms are in step, µs. */
  readonly inStepUs: number
  /** The same for rooms where somebody downloads, or did until just now. */
  readonly inDownloadUs?: number
  /** Longest lapse that no fault explains, s. */
  readonly lapseS: number
}

/** In step: half the asymmetry that two paths may have, and what noise adds on top. Rooms' own cards add up to 0.2 ms. */
const qualities: Readonly<Record<LinkPreset, Quality>> = {
  'quiet-lan': { inStepUs: 300, lapseS: 2 },
  'home-wifi': { inStepUs: 400, lapseS: 2 },
  'busy-wifi': { inStepUs: 700, lapseS: 5 },
  'microwave-on': { inStepUs: 1000, lapseS: 5 },
  'edge-of-range': { inStepUs: 2000, lapseS: 30 },
  // Who meets the server's clock during a download cannot tell its queue, of up to 60 ms, from an offset of half of it.
  'asymmetric-queue': { inStepUs: 1000, inDownloadUs: 30_000, lapseS: 10 },
  roaming: { inStepUs: 1500, lapseS: 30 },
  'power-save': { inStepUs: 700, lapseS: 5 },
}

/** What a download did to the clock is found three bins of 4 s after its end, and then corrected without being heard. */
const downloadEchoS = 30
const lookEveryS = 0.5
/** However short the lapses are, the rooms are in step 99 % of the time, once an hour of it has been looked at. */
const mostLapsed = 0.01
const judgedLooks = 3600 / lookEveryS
/** What the jitter buffer may hold of the simulation's FLAC, and what is decoded ahead of playing. */
const flacBytesPerMs = 2.4 * 48
const mostBufferedMs = playerDefaults.jitterBuffer.capacityBytes / flacBytesPerMs + 10_000
/** Music is sent this far ahead; half of it is what batches, packets and a network that lags may take, ten times over. */
const leastBufferedMs = defaultPacing.sendAheadMs / 2

/** @param progress told after each look how far it is, in seconds of the simulated time */
export function soak(settings: SoakSettings, progress?: (atS: number) => void): SoakReport {
  return watch(planSoak(settings), progress)
}

/** Judges a house by a plan: what its scenario holds besides the plan's trials must not be heard. */
export function watch(plan: SoakPlan, progress?: (atS: number) => void): SoakReport {
  return new Soak(plan).run(progress)
}

class Soak {
  readonly #plan: SoakPlan
  readonly #house: House
  readonly #quality: Quality
  readonly #recovery = new Distribution()
  readonly #calm = new Distribution()
  readonly #failures: SoakFailure[] = []
  readonly #everyRoom: readonly number[]
  /** For each room, until when a download or its echo may be heard. */
  readonly #echoUntilS: number[] = []
  #looks = 0
  #lapsedLooks = 0
  #bufferedMs = 0
  #leastBufferedMs: number | undefined
  #trial = 0
  readonly #steps = new StepRecord()
  #lapseFromS: number | undefined

  constructor(plan: SoakPlan) {
    this.#plan = plan
    this.#house = new House(plan.scenario)
    this.#quality = qualities[plan.scenario.network]
    this.#everyRoom = this.#house.rooms.map((_, room) => room)
  }

  run(progress?: (atS: number) => void): SoakReport {
    const { scenario, trials } = this.#plan
    const lengthS = scenario.hours * 3600
    try {
      for (let atS = lookEveryS; atS <= lengthS; atS += lookEveryS) {
        this.#house.runUntil(atS)
        this.#look(atS)
        progress?.(atS)
      }
    } catch (error) {
      this.#fail(this.#house.world.nowUs / 1e6, `threw ${error instanceof Error ? error.stack : String(error)}`)
    }
    const lapsedShare = this.#lapsedLooks / Math.max(1, this.#looks)
    if (this.#looks >= judgedLooks && lapsedShare > mostLapsed)
      this.#fail(lengthS, `something was wrong for ${(100 * lapsedShare).toFixed(1)} % of the time between trials`)
    return {
      scenario,
      trials: trials.length,
      faults: scenario.faults.length,
      recoveryS: this.#recovery.percentiles,
      calmUs: this.#calm.percentiles,
      lapsedShare,
      bufferedMs: this.#bufferedMs,
      leastBufferedMs: this.#leastBufferedMs,
      events: this.#house.world.events,
      failures: this.#failures,
    }
  }

  #look(atS: number): void {
    for (const room of this.#everyRoom) if (this.#house.hasDownload(room)) this.#echoUntilS[room] = atS + downloadEchoS
    const wrong = this.#whatIsWrong(this.#everyRoom, atS)
    const trial = this.#plan.trials[this.#trial]
    const isSilent = this.#everyRoom.some((room) => this.#isSilent(room, atS))
    this.#steps.look(wrong === undefined ? 'in step' : isSilent ? 'silent' : 'apart', trial?.endsAtS ?? 0, atS)
    if (trial === undefined || atS < trial.beginsAtS) this.#watchCalm(atS, wrong)
    else this.#watchTrial(trial, atS, wrong)
    // Who has slept does not know what time it is, and so not how much of what is queued is past.
    if (wrong === undefined) this.#watchFullness(atS)
  }

  /** Undefined when all of these rooms that are on are in step. */
  #whatIsWrong(rooms: readonly number[], atS: number): string | undefined {
    const lates = rooms.flatMap((room) =>
      atS < this.#plan.onFromS[room]! ? [] : [{ room, lateUs: this.#house.listener.rooms[room]!.lateUs }],
    )
    const silent = lates.filter(({ lateUs }) => lateUs === undefined)
    if (silent.length > 0) return `room ${silent.map(({ room }) => room).join(', ')} silent`
    const { inStepUs, inDownloadUs = inStepUs } = this.#quality
    const undisturbed = lates.filter(({ room }) => !(atS < this.#echoUntilS[room]!))
    if (spreadOf(undisturbed) <= inStepUs && spreadOf(lates) <= inDownloadUs) return undefined
    const list = lates.map(({ room, lateUs }) => {
      return `${room}: ${Math.round(lateUs!)}${undisturbed.some((other) => other.room === room) ? '' : ' (download)'}`
    })
    return `spread ${Math.round(spreadOf(lates))} µs; rooms late by ${list.join(', ')} µs`
  }

  /**
   * Those to whom something happens are judged at the deadline only: what a fault does may show late, when a buffer has run
   * dry or a step is noticed.
   */
  #watchTrial(trial: Trial, atS: number, wrong: string | undefined): void {
    if (atS < trial.deadlineS) {
      const because = 'nothing happened to them'
      this.#watchLapse(atS, this.#whatIsWrong(bystanders(trial, this.#everyRoom), atS), because)
      return
    }
    const { inStepSinceS, recoveredAtS, wrongSinceS } = this.#steps
    this.#lapseFromS = undefined
    if (this.#steps.isSteady(atS)) {
      this.#recovery.add(Math.max(0, inStepSinceS! - trial.endsAtS))
    } else if (recoveredAtS !== undefined && this.#isLiveLapse(atS)) {
      this.#recovery.add(recoveredAtS - trial.endsAtS)
      if (wrong !== undefined) this.#lapseFromS = wrongSinceS
    } else {
      const after = trial.faults.map(describe).join(', ')
      this.#fail(atS, `not in step ${Math.round(atS - trial.endsAtS)} s after ${after}: ${wrong ?? 'only just'}`)
    }
    this.#trial++
    this.#steps.restart()
  }

  /** Whether what spoilt it is a silence as the network may cause in live audio at any time. */
  #isLiveLapse(atS: number): boolean {
    const silenceS = this.#steps.silenceS(atS)
    return this.#plan.scenario.live && silenceS !== undefined && silenceS < this.#quality.lapseS
  }

  /** Whether a room that is on is not heard. */
  #isSilent(room: number, atS: number): boolean {
    return atS >= this.#plan.onFromS[room]! && this.#house.listener.rooms[room]!.lateUs === undefined
  }

  #watchCalm(atS: number, wrong: string | undefined): void {
    if (atS < this.#plan.trials[0]!.beginsAtS / 2) return // the house is being switched on
    const { spreadUs } = this.#house.listener
    if (spreadUs !== undefined) this.#calm.add(spreadUs)
    const what = wrong ?? this.#whatIsShort(atS)
    this.#looks++
    if (what !== undefined) this.#lapsedLooks++
    this.#watchLapse(atS, what, 'no fault explains it')
  }

  #watchLapse(atS: number, wrong: string | undefined, because: string): void {
    if (wrong === undefined) {
      this.#lapseFromS = undefined
      return
    }
    this.#lapseFromS ??= atS
    if (atS - this.#lapseFromS !== this.#quality.lapseS) return // said once
    this.#fail(atS, `wrong for ${this.#quality.lapseS} s, and ${because}: ${wrong}`)
  }

  #whatIsShort(atS: number): string | undefined {
    if (this.#plan.scenario.live) return undefined // as little is kept as the network allows
    for (const room of this.#everyRoom) {
      if (atS < this.#plan.onFromS[room]!) continue
      const bufferedMs = this.#bufferedIn(room)
      this.#leastBufferedMs = Math.min(this.#leastBufferedMs ?? bufferedMs, bufferedMs)
      if (bufferedMs < leastBufferedMs) return `room ${room} holds only ${Math.round(bufferedMs)} ms of audio`
    }
    return undefined
  }

  #watchFullness(atS: number): void {
    for (const room of this.#everyRoom) {
      const bufferedMs = this.#bufferedIn(room)
      if (!(bufferedMs <= mostBufferedMs) && this.#bufferedMs <= mostBufferedMs)
        this.#fail(
          atS,
          `room ${room} holds ${Math.round(bufferedMs)} ms of audio, more than ${Math.round(mostBufferedMs)}`,
        )
      this.#bufferedMs = Math.max(this.#bufferedMs, bufferedMs)
    }
  }

  #bufferedIn(room: number): number {
    const { player, clock } = this.#house.rooms[room]!
    return player.status(clock.now()).bufferedMs
  }

  #fail(atS: number, text: string): void {
    this.#failures.push({ atS, text })
  }
}

/** One alone is in step. */
function spreadOf(rooms: readonly { readonly lateUs: number | undefined }[]): number {
  const lates = rooms.map(({ lateUs }) => lateUs!)
  return lates.length < 2 ? 0 : Math.max(...lates) - Math.min(...lates)
}

/** Rooms that nothing happens to: none when the server dies, because all depend on it. */
function bystanders({ faults }: Trial, rooms: readonly number[]): readonly number[] {
  if (faults.some(({ type }) => type === 'killServer')) return []
  return rooms.filter((room) => !faults.some((fault) => 'room' in fault && fault.room === room))
}

function describe(fault: Fault): string {
  const { type, atS, ...details } = fault
  const written = Object.entries(details).map(([name, value]) => {
    return `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`
  })
  return `${type} at ${atS.toFixed(1)} s${written.length > 0 ? ` (${written.join(', ')})` : ''}`
}
