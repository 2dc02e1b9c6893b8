/** One direction of a TCP-like path: nothing overtakes, delays vary, now and then everything stands still. */
import type { SeededRandom } from './seeded-random.js'

export interface PathTraits {
  /** What the fastest message takes. */
  readonly baseUs: number
  /** Queueing on top: lognormal. */
  readonly jitterMedianUs: number
  readonly jitterSigma: number
  /** Chance that a segment is lost and sent again after `retransmitUs`. */
  readonly lossRate: number
  readonly retransmitUs: number
  /** Both directions stand still together, on average this often, for a time between the two. Infinity: never. */
  readonly stallEveryS: number
  readonly stallFromUs: number
  readonly stallToUs: number
}

const calm = {
  lossRate: 0,
  retransmitUs: 0,
  stallEveryS: Number.POSITIVE_INFINITY,
  stallFromUs: 0,
  stallToUs: 0,
}

export const quietLan: PathTraits = { ...calm, baseUs: 150, jitterMedianUs: 30, jitterSigma: 0.6 }
export const goodWifi: PathTraits = {
  ...calm,
  baseUs: 1000,
  jitterMedianUs: 600,
  jitterSigma: 0.8,
  stallEveryS: 30,
  stallFromUs: 20_000,
  stallToUs: 60_000,
}
export const busyWifi: PathTraits = {
  ...calm,
  baseUs: 2000,
  jitterMedianUs: 3000,
  jitterSigma: 1,
  stallEveryS: 8,
  stallFromUs: 50_000,
  stallToUs: 150_000,
}
export const badWifi: PathTraits = {
  baseUs: 4000,
  jitterMedianUs: 8000,
  jitterSigma: 1.1,
  lossRate: 0.01,
  retransmitUs: 200_000,
  stallEveryS: 4,
  stallFromUs: 100_000,
  stallToUs: 300_000,
}

/** When the medium stands still, shared by both directions. */
export class Stalls {
  readonly #random: SeededRandom
  readonly #traits: PathTraits
  #from: number
  #until = 0

  constructor(random: SeededRandom, traits: PathTraits) {
    this.#random = random
    this.#traits = traits
    this.#from = this.#gap()
  }

  /** The first moment from `trueUs` on at which the medium moves. Ask in order of time, give or take a round trip. */
  clearAt(trueUs: number): number {
    if (trueUs < this.#from) return trueUs
    if (this.#until <= this.#from)
      this.#until = this.#from + this.#random.between(this.#traits.stallFromUs, this.#traits.stallToUs)
    if (trueUs < this.#until) return this.#until
    this.#from = this.#until + this.#gap()
    return this.clearAt(trueUs)
  }

  #gap(): number {
    return this.#random.exponential(this.#traits.stallEveryS * 1e6)
  }
}

export class Path {
  /** May be replaced at any time: roaming, a neighbour's download. */
  traits: PathTraits
  readonly #random: SeededRandom
  readonly #stalls: Stalls
  #lastArrivalUs = 0

  constructor(random: SeededRandom, traits: PathTraits, stalls: Stalls) {
    this.#random = random
    this.traits = traits
    this.#stalls = stalls
  }

  /** True time at which something sent at `trueUs` arrives. */
  arrivalOf(trueUs: number): number {
    const { baseUs, jitterMedianUs, jitterSigma, lossRate, retransmitUs } = this.traits
    const queueUs = this.#random.lognormal(jitterMedianUs, jitterSigma)
    const lostUs = this.#random.uniform() < lossRate ? retransmitUs : 0
    const arrivalUs = this.#stalls.clearAt(trueUs) + baseUs + queueUs + lostUs
    this.#lastArrivalUs = Math.max(this.#lastArrivalUs, arrivalUs)
    return this.#lastArrivalUs
  }
}
