/**
 * Stands between a connection and its session: what comes through is well-formed, in order and not too much. One for
 * each connection; it holds no frame and its size does not depend on what the peer sends.
 */
import { type LocalUs, type Reading, shift } from '@tutti/clock'
import type { Message } from './message.js'
import { type Rate, TokenBucket } from './token-bucket.js'
import { type Conduct, conductFor, type Violation, type ViolationCode, violation } from './violation.js'
import type { Frame, WireCodec, WireItem } from './wire-codec.js'

export interface Limits {
  /** Longest text frame, in UTF-16 code units. */
  readonly textLength: number
  /** Longest binary frame. */
  readonly binaryBytes: number
  readonly text: Rate
  readonly binary: Rate
}

/** For those who listen to clients. A hello with 256 formats takes 25 kB; clients send a few messages a second. */
export const limitsForClients: Limits = {
  textLength: 65_536,
  binaryBytes: 65_536,
  text: { perSecond: 200, burst: 500 },
  binary: { perSecond: 100, burst: 100 },
}

/**
 * For those who listen to a server. 150 ms of PCM with 8 channels of 24 bits at 192 kHz take 0.7 MB, a picture may take
 * more; after a pause a server fills the buffer at once, which is 12 000 packets when 5 MB hold Opus.
 */
export const limitsForServers: Limits = {
  textLength: 262_144,
  binaryBytes: 8 * 2 ** 20,
  text: { perSecond: 200, burst: 1000 },
  binary: { perSecond: 5000, burst: 50_000 },
}

/** A hello is sent at once, so only a dead or foreign peer takes this long. */
const helloTimeoutUs = 10_000_000
const faultRate: Rate = { perSecond: 1, burst: 100 }
const version = 1

export type Refusal = Violation & { readonly conduct: Conduct }

export class Gatekeeper<In extends Message, Now extends Reading<string> = LocalUs> {
  readonly #codec: Pick<WireCodec<In, never>, 'decode'>
  readonly #limits: Limits
  readonly #helloType: string
  readonly #text: TokenBucket<Now>
  readonly #binary: TokenBucket<Now>
  readonly #faults: TokenBucket<Now>
  readonly #counts = new Map<ViolationCode, number>()
  #streaming = false
  /** When to ask `overdue`. */
  readonly helloDueAt: Now
  #greeted = false

  constructor(codec: Pick<WireCodec<In, never>, 'decode'>, from: 'client' | 'server', limits: Limits, openedAt: Now) {
    this.#codec = codec
    this.#limits = limits
    this.#helloType = `${from}/hello`
    this.#text = new TokenBucket(limits.text, openedAt)
    this.#binary = new TokenBucket(limits.binary, openedAt)
    this.#faults = new TokenBucket(faultRate, openedAt)
    this.helloDueAt = shift(openedAt, helloTimeoutUs)
  }

  /** How often each thing went wrong. */
  get counts(): ReadonlyMap<ViolationCode, number> {
    return this.#counts
  }

  /** The reason to close when the hello has not come in time; undefined when it has, or still may. */
  overdue(at: Now): Refusal | undefined {
    if (this.#greeted || at < this.helloDueAt) return undefined
    return this.#refuse(violation('hello-timeout', `none within ${helloTimeoutUs / 1e6} s`))
  }

  admit(frame: Frame, at: Now): WireItem<In> | Refusal {
    const item = this.#tooMuch(frame, at) ?? this.#outOfOrder(this.#codec.decode(frame))
    if (item.kind !== 'violation') return item
    const refusal = this.#refuse(item)
    if (refusal.conduct.action !== 'drop' || this.#faults.take(at)) return refusal
    return this.#refuse(violation('too-many-faults', `last: ${item.code}: ${item.detail}`))
  }

  #tooMuch(frame: Frame, at: Now): Violation | undefined {
    const isText = typeof frame === 'string'
    const longest = isText ? this.#limits.textLength : this.#limits.binaryBytes
    if (frame.length > longest) return violation('frame-too-large', `${frame.length}, at most ${longest}`)
    if ((isText ? this.#text : this.#binary).take(at)) return undefined
    const { perSecond, burst } = isText ? this.#limits.text : this.#limits.binary
    return violation('flood', `more than ${perSecond} ${isText ? 'text' : 'binary'} frames a second after ${burst}`)
  }

  #outOfOrder(item: WireItem<In> | Violation): WireItem<In> | Violation {
    if (!this.#greeted) return this.#greeting(item)
    if (item.kind === 'audio' && !this.#streaming) return violation('audio-out-of-stream', 'no stream has started')
    if (item.kind !== 'message') return item

    const { type, payload }: Message = item.message
    if (type === this.#helloType) return violation('hello-repeated', type)
    if (type === 'stream/start' && 'player' in payload) this.#streaming = true
    if (type === 'stream/end' && concernsPlayer(payload)) this.#streaming = false
    return item
  }

  #greeting(item: WireItem<In> | Violation): WireItem<In> | Violation {
    if (item.kind === 'violation') {
      if (item.messageType === this.#helloType) return { ...item, code: 'invalid-hello' }
      if (item.code === 'unknown-message') {
        const encrypted = item.messageType === 'client/init'
        return violation(encrypted ? 'encryption-unsupported' : 'hello-missing', `${item.detail} came first`)
      }
      return conductFor(item.code).action === 'close' ? item : violation('hello-missing', item.detail)
    }
    if (item.kind !== 'message') return violation('hello-missing', `${item.kind} came first`)

    const { type, payload }: Message = item.message
    if (type !== this.#helloType) return violation('hello-missing', `${type} came first`)
    if ('version' in payload && payload.version !== version) {
      return violation('unsupported-version', `version ${payload.version}`)
    }
    this.#greeted = true
    return item
  }

  #refuse(found: Violation): Refusal {
    this.#counts.set(found.code, (this.#counts.get(found.code) ?? 0) + 1)
    return { ...found, conduct: conductFor(found.code) }
  }
}

function concernsPlayer(payload: object): boolean {
  return !('roles' in payload) || (Array.isArray(payload.roles) && payload.roles.includes('player'))
}
