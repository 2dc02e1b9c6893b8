/**
 * What happens to both directions of a path at once, because they share a radio: it stalls, sleeps, wanders to another
 * access point, or loses the network. A wired path has an air in which nothing ever happens.
 */
import { Interruptions, type InterruptionTraits } from './interruptions.js'
import type { Direction } from './link.js'
import type { Random } from './random.js'

export interface AirTraits {
  /** The channel is busy or scanned: what was sent waits. */
  readonly stalls?: InterruptionTraits
  /** The machine changes access points: a gap, and then other delays. */
  readonly roaming?: RoamingTraits
  /** The radio sleeps when idle; what comes for it waits for the next beacon. */
  readonly powerSave?: boolean
}

export interface RoamingTraits {
  readonly gaps: InterruptionTraits
  /** Delay of an access point over the best one's: uniform up to this, in µs. */
  readonly maxExtraDelayUs: number
  /** Most by which one direction is slower than the other behind an access point, on top of what the path has, in µs. */
  readonly maxAsymmetryUs: number
}

/** One direction of one connection: after an outage each has its own patience. */
export interface Flow {
  readonly direction: Direction
  /** Whether nothing has been sent over it before: TCP's first packet waits longest to be sent again. */
  isNew: boolean
}

/** Extra delay of each direction, µs. */
type AccessPoint = Readonly<Record<Direction, number>>

interface Outage {
  readonly fromUs: number
  readonly untilUs: number
  /** When each flow that was held up moves again. */
  readonly resumesAtUs: Map<Flow, number>
}

/** They are drawn anew from their number when needed again. */
const rememberedAccessPoints = 8
const beaconUs = 102_400 // 100 time units of 1024 µs, every access point's default
const dozeAfterUs = 100_000 // idle time after which common drivers let the radio sleep
const firstRetryUs = 200_000 // Linux TCP_RTO_MIN, doubled at each retry (RFC 6298 section 5.5)
const firstSynRetryUs = 1_000_000 // while nothing is known of the round trip (RFC 6298 section 2.1)
const slowestRetryUs = 60e6

export class Air {
  readonly #random: Random
  readonly #traits: AirTraits
  readonly #stalls: Interruptions
  readonly #gaps: Interruptions
  readonly #beaconPhaseUs: number
  /** Extra delay behind the n-th access point, up and down. */
  readonly #accessPoints = new Map<number, AccessPoint>()
  #lastTrafficUs = 0
  #outage: Outage | undefined

  constructor(random: Random, traits: AirTraits) {
    this.#random = random
    this.#traits = traits
    this.#stalls = new Interruptions(random.fork('stalls'), traits.stalls)
    this.#gaps = new Interruptions(random.fork('roaming'), traits.roaming?.gaps)
    this.#beaconPhaseUs = beaconUs * random.fork('beacon').uniform()
  }

  /** The network is gone between two true times: a cable pulled, an access point rebooting. */
  loseNetwork(fromUs: number, untilUs: number): void {
    this.#outage = { fromUs, untilUs, resumesAtUs: new Map() }
  }

  /** Delay over the path's best, for what is sent at `trueUs`. */
  extraDelayUs(direction: Direction, trueUs: number): number {
    if (!this.#traits.roaming) return 0
    return this.#accessPoint(this.#gaps.countAt(trueUs), this.#traits.roaming)[direction]
  }

  /** When a message sent at `sentUs`, and due at `dueUs` if nothing happens, gets through. */
  passedAt(flow: Flow, sentUs: number, dueUs: number): number {
    let atUs = this.#traits.powerSave ? this.#wokenAt(flow.direction, dueUs) : dueUs
    if (this.#traits.stalls) atUs = this.#stalls.passedAt(atUs)
    if (this.#traits.roaming) atUs = this.#gaps.passedAt(atUs)
    return this.#survivedAt(flow, sentUs, atUs)
  }

  #wokenAt(direction: Direction, dueUs: number): number {
    const asleep = dueUs - this.#lastTrafficUs > dozeAfterUs
    const beacons = Math.ceil((dueUs - this.#beaconPhaseUs) / beaconUs)
    const atUs = asleep && direction === 'down' ? this.#beaconPhaseUs + beacons * beaconUs : dueUs
    this.#lastTrafficUs = Math.max(this.#lastTrafficUs, atUs)
    return atUs
  }

  /** After an outage nothing moves until TCP tries the oldest packet again, and it has been trying ever more rarely. */
  #survivedAt(flow: Flow, sentUs: number, dueUs: number): number {
    const outage = this.#outage
    if (outage === undefined || dueUs < outage.fromUs || sentUs >= outage.untilUs) return dueUs
    let resumesAtUs = outage.resumesAtUs.get(flow)
    if (resumesAtUs === undefined) {
      const firstUs = flow.isNew ? firstSynRetryUs : firstRetryUs
      resumesAtUs = firstRetryAfter(Math.max(sentUs, outage.fromUs), firstUs, outage.untilUs)
      outage.resumesAtUs.set(flow, resumesAtUs)
    }
    return resumesAtUs + (dueUs - sentUs)
  }

  #accessPoint(index: number, { maxExtraDelayUs, maxAsymmetryUs }: RoamingTraits): AccessPoint {
    const known = this.#accessPoints.get(index)
    if (known) return known
    if (this.#accessPoints.size >= rememberedAccessPoints) this.#accessPoints.clear()
    const random = this.#random.fork(`access point ${index}`)
    const extraUs = random.between(0, maxExtraDelayUs)
    const asymmetryUs = random.between(-maxAsymmetryUs, maxAsymmetryUs)
    const drawn = { up: extraUs + Math.max(0, asymmetryUs), down: extraUs + Math.max(0, -asymmetryUs) }
    this.#accessPoints.set(index, drawn)
    return drawn
  }
}

/** The first instant not before `untilUs` at which TCP sends again what it first sent at `sentUs`. */
function firstRetryAfter(sentUs: number, firstUs: number, untilUs: number): number {
  let waitUs = firstUs
  let atUs = sentUs + waitUs
  while (atUs < untilUs) {
    waitUs = Math.min(2 * waitUs, slowestRetryUs)
    atUs += waitUs
  }
  return atUs
}
