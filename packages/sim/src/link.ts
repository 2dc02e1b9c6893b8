/**
 * One direction of a path as TCP makes it: nothing is lost, nothing overtakes, and so whatever delays one message
 * delays those behind it on the same connection. What both directions share, because it happens to the radio between them, is its `Air`.
 */
import type { Air, Flow } from './air.js'
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
/**
 * Repeating a lost packet: soon when packets of the same flight reveal it (RFC 8985); otherwise when the next message does,
 * which comes as long after this one as this one after the last, or by timeout. Of 432 packets that Linux lost of live
 * audio in the lab, none cost more than 60 ms.
 */
const revealed = 0.7
const leastTimeoutUs = 200_000 // Linux TCP_RTO_MIN; RFC 6298 would have a second
const mostBackOff = 32
/** Connections that are remembered: more than a room tries beside the one it has. */
const mostConnections = 64
/** Messages that have arrived are kept until there are this many of them, because moving the others costs time. */
const longestHistory = 256

export type Direction = 'up' | 'down'

/** What TCP keeps of one connection. */
interface Connection extends Flow {
  lastArrivalUs: number
  lastSentUs: number
  bytesInFlight: number
}

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
  readonly #senders: Connection[] = []
  #head = 0
  #freeAtUs = 0
  readonly #connections = new Map<number, Connection>()

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

  /** @param number of the connection, where there are several */
  send(message: Message, bytes: number, number = 0): void {
    const connection = this.#connection(number)
    const arrivalUs = Math.max(connection.lastArrivalUs, this.#arrivalUs(connection, bytes))
    connection.lastArrivalUs = arrivalUs
    connection.isNew = false
    // What another connection sent earlier may arrive later.
    let place = this.#arrivals.length
    while (place > this.#head && this.#arrivals[place - 1]! > arrivalUs) place--
    insert(this.#messages, place, message)
    insert(this.#arrivals, place, arrivalUs)
    insert(this.#sizes, place, bytes)
    insert(this.#senders, place, connection)
    connection.bytesInFlight += bytes
    if (!this.#alarm.isSet || place === this.#head) this.#alarm.set(this.#arrivals[this.#head]!)
  }

  /** Bytes on their way, which is what the sender's socket holds until they are acknowledged. */
  bytesInFlight(number = 0): number {
    return this.#connections.get(number)?.bytesInFlight ?? 0
  }

  /** Whether somebody else's download fills its queue. */
  get isCrossed(): boolean {
    return this.#crossTraffic?.isBusyAt(this.#world.nowUs) ?? false
  }

  #connection(number: number): Connection {
    const known = this.#connections.get(number)
    if (known !== undefined) return known
    const connection = {
      direction: this.#direction,
      isNew: true,
      lastArrivalUs: 0,
      lastSentUs: Number.NEGATIVE_INFINITY,
      bytesInFlight: 0,
    }
    this.#connections.set(number, connection)
    const [oldest] = this.#connections.keys()
    if (this.#connections.size > mostConnections) this.#connections.delete(oldest!)
    return connection
  }

  #arrivalUs(connection: Connection, bytes: number): number {
    const { delayUs, jitterUs, jitterSigma, rateBytesPerS } = this.#traits
    const nowUs = this.#world.nowUs
    const waitUs = this.#crossTraffic ? this.#crossTraffic.waitAt(nowUs) : 0
    const sentUs = Math.max(nowUs, this.#freeAtUs) + waitUs + (bytes / rateBytesPerS) * 1e6
    this.#freeAtUs = sentUs - waitUs
    let tripUs = delayUs + this.#air.extraDelayUs(this.#direction, nowUs)
    if (jitterUs > 0) tripUs += this.#random.lognormal(jitterUs, jitterSigma)
    return this.#air.passedAt(connection, nowUs, sentUs + tripUs + this.#repeatingUs(connection, bytes, 2 * tripUs))
  }

  /** Time lost by sending packets again; each further time TCP waits twice as long (RFC 6298 section 5.5). */
  #repeatingUs(connection: Connection, bytes: number, roundTripUs: number): number {
    const { loss } = this.#traits
    const nowUs = this.#world.nowUs
    const pauseUs = nowUs - connection.lastSentUs
    connection.lastSentUs = nowUs
    const timeoutUs = Math.max(leastTimeoutUs, 1.5 * roundTripUs)
    let lossProbability = loss > 0 ? 1 - (1 - loss) ** Math.ceil(bytes / packetBytes) : 0
    let lostUs = 0
    for (let backOff = 1; backOff <= mostBackOff && this.#random.chance(lossProbability); backOff *= 2) {
      const isRevealed = this.#random.chance(revealed)
      lostUs += backOff * (isRevealed ? roundTripUs : Math.min(timeoutUs, pauseUs + roundTripUs))
      lossProbability = loss // the one packet sent again
    }
    return lostUs
  }

  #arrive(): void {
    const nowUs = this.#world.nowUs
    while (this.#head < this.#messages.length && this.#arrivals[this.#head]! <= nowUs) {
      const message = this.#messages[this.#head]!
      this.#senders[this.#head]!.bytesInFlight -= this.#sizes[this.#head]!
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
    this.#senders.splice(0, count)
    this.#head = 0
  }
}

/** Most often at the end, which costs nothing there. */
function insert<Item>(items: Item[], place: number, item: Item): void {
  if (place === items.length) items.push(item)
  else items.splice(place, 0, item)
}
