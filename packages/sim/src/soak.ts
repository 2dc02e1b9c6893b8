/**
 * A long time in a house in which everything goes wrong now and then. After each trial all rooms must be in step again
 * in time; between trials they must stay so, but for lapses that the network itself explains; and buffers stay bounded.
 */
import { playerDefaults } from '@tutti/client'
import { Distribution, type Percentiles } from './distribution.js'
import { House } from './house.js'
import type { LinkPreset } from './link-presets.js'
import type { Fault, Scenario } from './scenario.js'
import { planSoak, type SoakPlan, type SoakSettings, type Trial } from './soak-plan.js'

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
  /** The most encoded and decoded audio a room held, in ms. */
  readonly bufferedMs: number
  readonly events: number
  readonly failures: readonly SoakFailure[]
}

/** How well a network lets rooms be in step, and for how long it may spoil that by itself. */
interface Quality {
  /** Spread up to which rooms are in step, µs. */
  readonly inStepUs: number
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
  'asymmetric-queue': { inStepUs: 30_000, lapseS: 10 },
  roaming: { inStepUs: 1500, lapseS: 30 },
  'power-save': { inStepUs: 700, lapseS: 5 },
}

const lookEveryS = 0.5
/** In step is in step for so long. */
const steadyS = 5
/** What the jitter buffer may hold of the simulation's FLAC, and what is decoded ahead of playing. */
const flacBytesPerMs = 2.4 * 48
const mostBufferedMs = playerDefaults.jitterBuffer.capacityBytes / flacBytesPerMs + 10_000

/** @param progress told after each look how far it is, in seconds of the simulated time */
export function soak(settings: SoakSettings, progress?: (atS: number) => void): SoakReport {
  return new Soak(planSoak(settings)).run(progress)
}

class Soak {
  readonly #plan: SoakPlan
  readonly #house: House
  readonly #quality: Quality
  readonly #recovery = new Distribution()
  readonly #calm = new Distribution()
  readonly #failures: SoakFailure[] = []
  #bufferedMs = 0
  #trial = 0
  /** Since when all rooms have been in step; undefined when they are not. */
  #inStepSinceS: number | undefined
  #lapseFromS: number | undefined

  constructor(plan: SoakPlan) {
    this.#plan = plan
    this.#house = new House(plan.scenario)
    this.#quality = qualities[plan.scenario.network]
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
    return {
      scenario,
      trials: trials.length,
      faults: scenario.faults.length,
      recoveryS: this.#recovery.percentiles,
      calmUs: this.#calm.percentiles,
      bufferedMs: this.#bufferedMs,
      events: this.#house.world.events,
      failures: this.#failures,
    }
  }

  #look(atS: number): void {
    const wrong = this.#whatIsWrong(atS)
    if (wrong === undefined) this.#inStepSinceS ??= atS
    else this.#inStepSinceS = undefined
    const trial = this.#plan.trials[this.#trial]
    if (trial === undefined || atS < trial.beginsAtS) this.#watchCalm(atS, wrong)
    else this.#watchTrial(trial, atS, wrong)
    // Who has slept does not know what time it is, and so not how much of what is queued is past.
    if (wrong === undefined) this.#watchBuffers(atS)
  }

  /** Undefined when all rooms that are on are in step. */
  #whatIsWrong(atS: number): string | undefined {
    const { listener } = this.#house
    const silent = listener.rooms.flatMap(({ lateUs }, i) =>
      lateUs === undefined && atS >= this.#plan.onFromS[i]! ? [i] : [],
    )
    if (silent.length > 0) return `room ${silent.join(', ')} silent`
    const { spreadUs } = listener
    if (spreadUs === undefined || spreadUs <= this.#quality.inStepUs) return undefined // one alone is in step
    const lates = listener.rooms.map(({ lateUs }) => (lateUs === undefined ? '-' : Math.round(lateUs))).join(' ')
    return `spread ${Math.round(spreadUs)} µs; rooms late by ${lates} µs`
  }

  /** Judged at the deadline only: what a fault does may show late, when a buffer has run dry or a step is noticed. */
  #watchTrial(trial: Trial, atS: number, wrong: string | undefined): void {
    if (atS < trial.deadlineS) return
    if (this.#inStepSinceS !== undefined && atS - this.#inStepSinceS >= steadyS) {
      this.#recovery.add(Math.max(0, this.#inStepSinceS - trial.endsAtS))
    } else {
      const after = trial.faults.map(describe).join(', ')
      this.#fail(atS, `not in step ${Math.round(atS - trial.endsAtS)} s after ${after}: ${wrong ?? 'only just'}`)
    }
    this.#trial++
    this.#lapseFromS = undefined
  }

  #watchCalm(atS: number, wrong: string | undefined): void {
    if (atS < this.#plan.trials[0]!.beginsAtS / 2) return // the house is being switched on
    const { spreadUs } = this.#house.listener
    if (spreadUs !== undefined) this.#calm.add(spreadUs)
    if (wrong === undefined) {
      this.#lapseFromS = undefined
      return
    }
    this.#lapseFromS ??= atS
    if (atS - this.#lapseFromS !== this.#quality.lapseS) return // said once
    this.#fail(atS, `out of step for ${this.#quality.lapseS} s, and no fault explains it: ${wrong}`)
  }

  #watchBuffers(atS: number): void {
    for (const [i, room] of this.#house.rooms.entries()) {
      const { bufferedMs } = room.player.status(room.clock.now())
      if (!(bufferedMs <= mostBufferedMs) && this.#bufferedMs <= mostBufferedMs)
        this.#fail(
          atS,
          `room ${i} holds ${Math.round(bufferedMs)} ms of audio, more than ${Math.round(mostBufferedMs)}`,
        )
      this.#bufferedMs = Math.max(this.#bufferedMs, bufferedMs)
    }
  }

  #fail(atS: number, text: string): void {
    this.#failures.push({ atS, text })
  }
}

function describe(fault: Fault): string {
  const { type, atS, ...details } = fault
  const written = Object.entries(details).map(([name, value]) => {
    return `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`
  })
  return `${type} at ${atS.toFixed(1)} s${written.length > 0 ? ` (${written.join(', ')})` : ''}`
}
