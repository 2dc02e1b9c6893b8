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
  /** Delay of an access point over the best one's, each direction for itself: uniform up to this, in µs. */
  readonly maxExtraDelayUs: number
}

const beaconUs = 102_400 // 100 time units of 1024 µs, every access point's default
const dozeAfterUs = 100_000 // idle time after which common drivers let the radio sleep
const firstRetryUs = 200_000 // Linux TCP_RTO_MIN, doubled at each retry (RFC 6298 section 5.5)
const slowestRetryUs = 60e6

export class Air {
  readonly #random: Random
  readonly #traits: AirTraits
  readonly #stalls: Interruptions
  readonly #gaps: Interruptions
  readonly #beaconPhaseUs: number
  /** Extra delay behind the n-th access point, up and down. */
  readonly #accessPoints = new Map<number, { readonly up: number; readonly down: number }>()
  #lastTrafficUs = 0
  #outageFromUs = Infinity
  #outageUntilUs = -Infinity

  constructor(random: Random, traits: AirTraits) {
    this.#random = random
    this.#traits = traits
    this.#stalls = new Interruptions(random.fork('stalls'), traits.stalls)
    this.#gaps = new Interruptions(random.fork('roaming'), traits.roaming?.gaps)
    this.#beaconPhaseUs = beaconUs * random.fork('beacon').uniform()
  }

  /** The network is gone between two true times: a cable pulled, an access point rebooting. */
  loseNetwork(fromUs: number, untilUs: number): void {
    this.#outageFromUs = fromUs
    this.#outageUntilUs = untilUs
  }

  /** Delay over the path's best, for what is sent at `trueUs`. */
  extraDelayUs(direction: Direction, trueUs: number): number {
    if (!this.#traits.roaming) return 0
    return this.#accessPoint(this.#gaps.countAt(trueUs), this.#traits.roaming)[direction]
  }

  /** When a message sent at `sentUs`, and due at `dueUs` if nothing happens, gets through. */
  passedAt(direction: Direction, sentUs: number, dueUs: number): number {
    let atUs = this.#traits.powerSave ? this.#wokenAt(direction, dueUs) : dueUs
    if (this.#traits.stalls) atUs = this.#stalls.passedAt(atUs)
    if (this.#traits.roaming) atUs = this.#gaps.passedAt(atUs)
    return this.#survivedAt(sentUs, atUs)
  }

  #wokenAt(direction: Direction, dueUs: number): number {
    const asleep = dueUs - this.#lastTrafficUs > dozeAfterUs
    const beacons = Math.ceil((dueUs - this.#beaconPhaseUs) / beaconUs)
    const atUs = asleep && direction === 'down' ? this.#beaconPhaseUs + beacons * beaconUs : dueUs
    this.#lastTrafficUs = Math.max(this.#lastTrafficUs, atUs)
    return atUs
  }

  /** After an outage nothing moves until TCP tries again, and it has been trying ever more rarely. */
  #survivedAt(sentUs: number, dueUs: number): number {
    if (dueUs < this.#outageFromUs || sentUs >= this.#outageUntilUs) return dueUs
    let retryUs = firstRetryUs
    let atUs = Math.max(sentUs, this.#outageFromUs) + retryUs
    while (atUs < this.#outageUntilUs) {
      retryUs = Math.min(2 * retryUs, slowestRetryUs)
      atUs += retryUs
    }
    return atUs + (dueUs - sentUs)
  }

  #accessPoint(index: number, { maxExtraDelayUs }: RoamingTraits): { readonly up: number; readonly down: number } {
    const known = this.#accessPoints.get(index)
    if (known) return known
    if (this.#accessPoints.size > 8) this.#accessPoints.clear()
    const random = this.#random.fork(`access point ${index}`)
    const drawn = { up: random.between(0, maxExtraDelayUs), down: random.between(0, maxExtraDelayUs) }
    this.#accessPoints.set(index, drawn)
    return drawn
  }
}
