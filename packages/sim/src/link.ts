/**
 * One direction of a path as TCP makes it: nothing is lost, nothing overtakes, and so whatever delays one message
 * delays those behind it. What both directions share, because it happens to the radio between them, is its `Air`.
 */
import type { Air } from './air.js'
import { CrossTraffic, type CrossTrafficTraits } from './cross-traffic.js'
import type { Random } from './random.js'
import type { Alarm, World } from './world.js'

export interface LinkTraits {
  /** Delay that every message has, in microseconds. */
  readonly delayUs: number
  /** Median of a lognormal delay drawn for each message, in microseconds, and the deviation of its logarithm. */
  readonly jitterUs: number
  readonly jitterSigma: number
  /** Bytes per second; messages wait for those before them. */
  readonly rateBytesPerS: number
  /** Probability that a packet has to be sent again by TCP, after what the radio itself repeats. */
  readonly loss: number
  readonly crossTraffic?: CrossTrafficTraits
}

const packetBytes = 1448 // TCP payload in an Ethernet frame, with timestamps
/** Repeating a lost packet: soon when a loss probe or later packets reveal it (RFC 8985), otherwise by timeout. */
const revealed = 0.7
const leastTimeoutUs = 200_000 // Linux TCP_RTO_MIN; RFC 6298 would have a second
const mostBackOff = 32
/** Messages that have arrived are kept until there are this many of them, because moving the others costs time. */
const longestHistory = 256

export type Direction = 'up' | 'down'

export class Link<Message> {
  readonly #world: World
  readonly #random: Random
  readonly #traits: LinkTraits
  readonly #direction: Direction
  readonly #air: Air
  readonly #deliver: (message: Message) => void
  readonly #crossTraffic: CrossTraffic | undefined
  readonly #alarm: Alarm
  /** On their way, in order of arrival. */
  readonly #messages: Message[] = []
  readonly #arrivals: number[] = []
  readonly #sizes: number[] = []
  #head = 0
  #bytesInFlight = 0
  #freeAtUs = 0
  #lastArrivalUs = 0

  constructor(
    world: World,
    random: Random,
    traits: LinkTraits,
    direction: Direction,
    air: Air,
    deliver: (message: Message) => void,
  ) {
    this.#world = world
    this.#random = random
    this.#traits = traits
    this.#direction = direction
    this.#air = air
    this.#deliver = deliver
    this.#crossTraffic = traits.crossTraffic && new CrossTraffic(random.fork('cross traffic'), traits.crossTraffic)
    this.#alarm = world.alarm(() => this.#arrive())
  }

  send(message: Message, bytes: number): void {
    const arrivalUs = Math.max(this.#lastArrivalUs, this.#arrivalUs(bytes))
    this.#lastArrivalUs = arrivalUs
    this.#messages.push(message)
    this.#arrivals.push(arrivalUs)
    this.#sizes.push(bytes)
    this.#bytesInFlight += bytes
    if (!this.#alarm.isSet) this.#alarm.set(arrivalUs)
  }

  /** Everything on its way is gone, as when the connection breaks. */
  drop(): void {
    this.#forget(this.#messages.length)
    this.#bytesInFlight = 0
    this.#alarm.clear()
    this.#lastArrivalUs = 0
    this.#freeAtUs = 0
  }

  /** Bytes on their way, which is what the sender's socket holds until they are acknowledged. */
  get bytesInFlight(): number {
    return this.#bytesInFlight
  }

  /** Whether somebody else's download fills its queue. */
  get isCrossed(): boolean {
    return this.#crossTraffic?.isBusyAt(this.#world.nowUs) ?? false
  }

  #arrivalUs(bytes: number): number {
    const { delayUs, jitterUs, jitterSigma, rateBytesPerS } = this.#traits
    const nowUs = this.#world.nowUs
    const waitUs = this.#crossTraffic ? this.#crossTraffic.waitAt(nowUs) : 0
    const sentUs = Math.max(nowUs, this.#freeAtUs) + waitUs + (bytes / rateBytesPerS) * 1e6
    this.#freeAtUs = sentUs - waitUs
    let tripUs = delayUs + this.#air.extraDelayUs(this.#direction, nowUs)
    if (jitterUs > 0) tripUs += this.#random.lognormal(jitterUs, jitterSigma)
    return this.#air.passedAt(this.#direction, nowUs, sentUs + tripUs + this.#repeatingUs(bytes, 2 * tripUs))
  }

  /** Time lost by sending packets again; each further time TCP waits twice as long (RFC 6298 section 5.5). */
  #repeatingUs(bytes: number, roundTripUs: number): number {
    const { loss } = this.#traits
    let lossProbability = loss > 0 ? 1 - (1 - loss) ** Math.ceil(bytes / packetBytes) : 0
    let lostUs = 0
    for (let backOff = 1; backOff <= mostBackOff && this.#random.chance(lossProbability); backOff *= 2) {
      const isRevealed = this.#random.chance(revealed)
      lostUs += backOff * (isRevealed ? roundTripUs : Math.max(leastTimeoutUs, 1.5 * roundTripUs))
      lossProbability = loss // the one packet sent again
    }
    return lostUs
  }

  #arrive(): void {
    const nowUs = this.#world.nowUs
    while (this.#head < this.#messages.length && this.#arrivals[this.#head]! <= nowUs) {
      const message = this.#messages[this.#head]!
      this.#bytesInFlight -= this.#sizes[this.#head]!
      this.#head++
      if (this.#head === this.#messages.length || this.#head >= longestHistory) this.#forget(this.#head)
      this.#deliver(message)
    }
    if (this.#head < this.#messages.length) this.#alarm.set(this.#arrivals[this.#head]!)
  }

  /** Lets go of the first `count`, which have arrived or never will. */
  #forget(count: number): void {
    this.#messages.splice(0, count)
    this.#arrivals.splice(0, count)
    this.#sizes.splice(0, count)
    this.#head = 0
  }
}
