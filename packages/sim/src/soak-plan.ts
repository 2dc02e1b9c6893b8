/** What goes wrong in a house over a day, drawn from its seed, and how soon it has to be in step again. */
import type { CardPreset } from './card-presets.js'
import { type LinkPreset, linkPresets } from './link-presets.js'
import { Random } from './random.js'
import { defaultScenario, type Fault, type Scenario } from './scenario.js'

export interface SoakSettings {
  readonly rooms: number
  readonly hours: number
  /** A whole number, not negative. */
  readonly seed: number
  /** A line input instead of music from files. */
  readonly live: boolean
}

/** Faults that come so close together that their recoveries cannot be told apart. */
export interface Trial {
  readonly faults: readonly Fault[]
  readonly beginsAtS: number
  /** When the last of them is over. */
  readonly endsAtS: number
  /** When all rooms have to be in step again. */
  readonly deadlineS: number
}

export interface SoakPlan {
  readonly scenario: Scenario
  readonly trials: readonly Trial[]
  /** From when on each room is switched on, in seconds. */
  readonly onFromS: readonly number[]
}

type FaultType = Fault['type']

const firstTrialS = 60
/** Between a deadline and the next trial there is calm, to be watched as well: mean and least, in seconds. */
const meanCalmS = 240
const leastCalmS = 30
/** Often enough faults come in company: another room's, so soon after. */
const companyShare = 0.25
const companyWithinS = 20
/** Half of the processes that stop never go on, but are started again. */
const deathShare = 0.5

/**
 * Time from the end of a fault to being in step, in seconds, at most. A session dials again within 15 s (its longest
 * back-off, also after an outage) and needs a few seconds to begin; on a bad network a step of the clock smaller than the queueing shows only
 * in bins of 4 s, of which three must agree.
 */
const recoveryS: Readonly<Record<FaultType, number>> = {
  killServer: 30,
  freezeRoom: 20,
  restartRoom: 20,
  suspendRoom: 30,
  joinRoom: 15,
  loseNetwork: 30,
  stepClock: 45,
  slewClock: 60,
  changeCard: 20,
}

const kinds = [
  'killServer',
  'freezeRoom',
  'suspendRoom',
  'loseNetwork',
  'stepClock',
  'slewClock',
  'changeCard',
] as const
const networks = Object.keys(linkPresets) as LinkPreset[]
const cards: readonly CardPreset[] = ['i2s', 'usb', 'sound-server']

/**
 * No live buffer of the rooms' choosing outlasts the gaps of a room that is carried about, so in such a house a line input is
 * given the time (docs/sources.md): the longest gap, what a packet and a card hold, and what stalls take.
 */
const roamingTotalMs = 4000

export function planSoak({ rooms, hours, seed, live }: SoakSettings): SoakPlan {
  const random = new Random(seed).fork('soak')
  const lengthS = hours * 3600
  const trials: Trial[] = []
  let atS = firstTrialS
  for (;;) {
    const trial = drawTrial(random, rooms, atS, trials.length === 0)
    if (trial.deadlineS + leastCalmS > lengthS) break
    trials.push(trial)
    atS = trial.deadlineS + leastCalmS + random.exponential(meanCalmS - leastCalmS)
  }
  const faults = trials.flatMap((trial) => trial.faults)
  const onFromS = Array.from({ length: rooms }, () => 0)
  for (const fault of faults) if (fault.type === 'joinRoom') onFromS[fault.room] = fault.atS
  // In turn, so that a few days see every network and every card.
  const network = networks[seed % networks.length]!
  return {
    scenario: {
      ...defaultScenario,
      rooms,
      hours,
      seed,
      live,
      ...(live && network === 'roaming' ? { liveTotalMs: roamingTotalMs } : {}),
      network,
      card: cards[seed % cards.length]!,
      faults,
    },
    trials,
    onFromS,
  }
}

/** One to three faults, each in another room; the first trial of a house is a room that joins late. */
function drawTrial(random: Random, rooms: number, beginsAtS: number, isFirst: boolean): Trial {
  const free = Array.from({ length: rooms }, (_, room) => room)
  const faults: Fault[] = []
  let atS = beginsAtS
  do {
    const room = free.splice(Math.floor(random.between(0, free.length)), 1)[0]!
    const type = isFirst && faults.length === 0 ? 'joinRoom' : pick(random, kinds)
    if (type === 'killServer' && faults.some((fault) => fault.type === type)) continue
    faults.push(drawFault(random, type, room, atS))
    atS += random.between(0, companyWithinS)
  } while (free.length > 0 && faults.length < 3 && random.chance(companyShare))
  const endsAtS = Math.max(...faults.map(endOf))
  const deadlineS = Math.max(...faults.map((fault) => endOf(fault) + recoveryS[fault.type]))
  // Together they may need each other's time as well: who lost the network also has to find the new server.
  const togetherS = endsAtS + faults.reduce((sum, fault) => sum + recoveryS[fault.type], 0)
  return { faults, beginsAtS, endsAtS, deadlineS: faults.length > 1 ? togetherS : deadlineS }
}

function drawFault(random: Random, type: FaultType, room: number, atS: number): Fault {
  switch (type) {
    case 'killServer':
      return { type, atS, forS: logUniform(random, 0.5, 120) }
    case 'freezeRoom':
    case 'restartRoom': {
      const isDeath = random.fork(`death at ${atS}`).chance(deathShare)
      return { type: isDeath ? 'restartRoom' : 'freezeRoom', room, atS, forS: logUniform(random, 0.1, 120) }
    }
    case 'suspendRoom':
      return { type, room, atS, forS: logUniform(random, 1, 1200) }
    case 'loseNetwork':
      return { type, room, atS, forS: logUniform(random, 0.2, 300) }
    case 'joinRoom':
      return { type, room, atS }
    case 'stepClock':
      return { type, room, atS, byMs: logUniform(random, 0.5, 60_000) }
    case 'slewClock': // 500 ppm is the most that adjtime and ntpd ask of Linux
      return { type, room, atS, forS: logUniform(random, 5, 600), ppm: random.between(-500, 500) }
    case 'changeCard':
      return { type, room, atS, card: pick(random, cards) }
  }
}

function endOf(fault: Fault): number {
  return fault.atS + ('forS' in fault ? fault.forS : 0)
}

function pick<Choice>(random: Random, choices: readonly Choice[]): Choice {
  return choices[Math.floor(random.between(0, choices.length))]!
}

/** Small and large ones equally often, by their orders of magnitude. */
function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.uniform()
}
