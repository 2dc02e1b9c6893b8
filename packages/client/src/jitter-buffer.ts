/**
 * Encoded audio in the order it is due, between the network that delivers it in bursts and the decoder that takes it a
 * second or two ahead. Bounded in bytes and in chunks, whatever a server sends.
 *
 * Chunks are known by their timestamp alone: how long one lasts shows only when it is decoded. Everything a timestamp
 * can be has one answer, an `Arrival`, and a count.
 */
import { type ServerUs, shift } from '@tutti/clock'

export const arrivals = ['queued', 'reordered', 'duplicate', 'late', 'early', 'overflowed', 'rewound'] as const
/**
 * queued: after all others. reordered: between others. duplicate: the timestamp is there already; the first stays.
 * late: its whole time is past. early: further ahead than any buffer needs; refused. overflowed: does not fit; whatever
 * is due last was left out. rewound: so far behind the latest that the server must have started anew without saying so;
 * everything else was thrown away and this one queued.
 */
export type Arrival = (typeof arrivals)[number]

export interface JitterBufferConfig {
  /** Payload bytes held at most: what the server was promised and a margin. */
  readonly capacityBytes: number
  /** Chunks held at most, because small ones cost more than their bytes. */
  readonly capacityChunks: number
  /** Chunks due later than this from now are refused. */
  readonly horizonMs: number
  /** A chunk due this much before the latest is no straggler but a new beginning. */
  readonly rewindMs: number
}

export const jitterBufferDefaults: JitterBufferConfig = {
  capacityBytes: 5_000_000,
  capacityChunks: 32_768, // 11 minutes of 20 ms packets; their slots take 0.7 MB
  horizonMs: 600_000, // 4 MB of Opus at 64 kbit/s last 500 s
  rewindMs: 1_000, // TCP does not reorder; anything beyond a few chunks is deliberate
}

/** The longest chunk the specification allows; something this old cannot contain anything still to be heard. */
const longestChunkUs = 150_000
/** A straggler overtaken by more than this would make sorting costly; it too is taken for a new beginning. */
const longestOvertaking = 64
const initialSlots = 256

export class JitterBuffer<Payload> {
  readonly #config: JitterBufferConfig
  readonly #sizeOf: (payload: Payload) => number
  readonly #counts = new Float64Array(arrivals.length)
  // A ring of slots, ordered by timestamp from `#head` on; its length is a power of two.
  #timestamps = new Float64Array(initialSlots)
  #streams = new Int32Array(initialSlots)
  #payloads: (Payload | undefined)[] = new Array(initialSlots).fill(undefined)
  #head = 0
  #length = 0
  #bytes = 0
  #latest: number | undefined

  constructor(config: JitterBufferConfig, sizeOf: (payload: Payload) => number) {
    this.#config = config
    this.#sizeOf = sizeOf
  }

  /** Chunks held. */
  get length(): number {
    return this.#length
  }

  /** Payload bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  /** From the first chunk's beginning to the last one's, µs. */
  get spanUs(): number {
    return this.#length < 2 ? 0 : this.#timestamps[this.#slot(this.#length - 1)]! - this.#timestamps[this.#head]!
  }

  /** How often each answer was given. */
  count(arrival: Arrival): number {
    return this.#counts[arrivals.indexOf(arrival)]!
  }

  /**
   * @param stream which format it is in, by a number the caller chose
   * @param now the server's time when it is known; without it nothing is late or early
   */
  push(timestamp: ServerUs, payload: Payload, stream: number, now: ServerUs | undefined): Arrival {
    const arrival = this.#take(timestamp, payload, stream, now)
    this.#counts[arrivals.indexOf(arrival)]!++
    return arrival
  }

  /** When the chunk at `index` is due; 0 is the first. */
  timestampAt(index: number): ServerUs {
    if (index >= this.#length) throw new RangeError(`no chunk ${index} of ${this.#length}`)
    return this.#timestamps[this.#slot(index)] as ServerUs
  }

  /** The stream of the chunk at `index`. */
  streamAt(index: number): number {
    if (index >= this.#length) throw new RangeError(`no chunk ${index} of ${this.#length}`)
    return this.#streams[this.#slot(index)]!
  }

  /** Takes out the first chunk. */
  shift(): Payload {
    if (this.#length === 0) throw new RangeError('the jitter buffer is empty')
    const payload = this.#payloads[this.#head]!
    this.#payloads[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#payloads.length - 1)
    this.#length--
    this.#bytes -= this.#sizeOf(payload)
    return payload
  }

  /** Throws everything away, for a seek. */
  clear(): void {
    while (this.#length > 0) this.#pop()
    this.#latest = undefined
  }

  /** Throws away what is due at `timestamp` or later: a newer stream replaces it. */
  dropFrom(timestamp: ServerUs): void {
    while (this.#length > 0 && this.#timestamps[this.#slot(this.#length - 1)]! >= timestamp) this.#pop()
    this.#latest = undefined
  }

  #take(timestamp: ServerUs, payload: Payload, stream: number, now: ServerUs | undefined): Arrival {
    const { horizonMs, rewindMs } = this.#config
    if (now !== undefined) {
      if (timestamp <= shift(now, -longestChunkUs)) return 'late'
      if (timestamp > shift(now, horizonMs * 1000)) return 'early'
    }
    let index = this.#length
    while (index > 0 && this.#timestamps[this.#slot(index - 1)]! > timestamp) index--
    const overtaken = this.#length - index > longestOvertaking
    const rewound = overtaken || (this.#latest !== undefined && timestamp < this.#latest - rewindMs * 1000)
    if (rewound) {
      this.clear()
      index = 0
    }
    if (this.#latest === undefined || timestamp > this.#latest) this.#latest = timestamp
    if (index > 0 && this.#timestamps[this.#slot(index - 1)] === timestamp) return 'duplicate'
    if (!this.#makeRoom(index, this.#sizeOf(payload))) return 'overflowed'
    this.#insert(index, timestamp, payload, stream)
    if (rewound) return 'rewound'
    return index === this.#length - 1 ? 'queued' : 'reordered'
  }

  /** Drops chunks due after `index` until `bytes` more fit; false when they do not fit even so. */
  #makeRoom(index: number, bytes: number): boolean {
    const { capacityBytes, capacityChunks } = this.#config
    if (bytes > capacityBytes) return false
    while (this.#bytes + bytes > capacityBytes || this.#length >= capacityChunks) {
      if (this.#length === index) return false
      this.#pop()
    }
    return true
  }

  #insert(index: number, timestamp: ServerUs, payload: Payload, stream: number): void {
    if (this.#length === this.#payloads.length) this.#grow()
    for (let i = this.#length; i > index; i--) {
      const to = this.#slot(i)
      const from = this.#slot(i - 1)
      this.#timestamps[to] = this.#timestamps[from]!
      this.#streams[to] = this.#streams[from]!
      this.#payloads[to] = this.#payloads[from]
    }
    const slot = this.#slot(index)
    this.#timestamps[slot] = timestamp
    this.#streams[slot] = stream
    this.#payloads[slot] = payload
    this.#length++
    this.#bytes += this.#sizeOf(payload)
  }

  #pop(): void {
    const slot = this.#slot(this.#length - 1)
    this.#bytes -= this.#sizeOf(this.#payloads[slot]!)
    this.#payloads[slot] = undefined
    this.#length--
  }

  #grow(): void {
    const slots = this.#payloads.length * 2
    const timestamps = new Float64Array(slots)
    const streams = new Int32Array(slots)
    const payloads: (Payload | undefined)[] = new Array(slots).fill(undefined)
    for (let i = 0; i < this.#length; i++) {
      const from = this.#slot(i)
      timestamps[i] = this.#timestamps[from]!
      streams[i] = this.#streams[from]!
      payloads[i] = this.#payloads[from]
    }
    this.#timestamps = timestamps
    this.#streams = streams
    this.#payloads = payloads
    this.#head = 0
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#payloads.length - 1)
  }
}
