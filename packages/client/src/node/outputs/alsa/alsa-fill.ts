/**
 * How far a device is kept filled, and how much is written to it at a time. Where less is asked for than fits, nobody but
 * ourselves knows when to come back; so it learns from how late that was how much has to be there.
 */
import type { LocalUs } from '@tutti/clock'
import type { AlsaDevice } from './alsa-device.js'
import { WakeLateness } from './wake-lateness.js'

/** Of what the device is to hold, so much is written at a time at most: the rest is the time to come back in. */
const chunkShare = 1 / 5
/**
 * It holds no less than so many times the worst this thread has been late: a fifth may not have been written yet when it
 * comes that late again, and a quarter more is kept. But no more than half as much again as was asked for: what is to be
 * rendered so far ahead has to have come.
 */
const holdPerLateness = 1.6
const mostHoldPerAsked = 1.5
/** A thread of ordinary priority waits longer now and then than a minute shows. */
const leastOrdinaryHoldUs = 30_000
/** With more than this it can wait for what is late: it looks every millisecond, and comes late to that as well. */
const leastLeftUs = 3_000
const leastOrdinaryLeftUs = 10_000

export class AlsaFill {
  readonly #device: AlsaDevice
  readonly #leastUs: number
  readonly #leastLeftFrames: number
  readonly #lateness = new WakeLateness()
  #askedUs = Number.POSITIVE_INFINITY
  #roomAt: LocalUs | undefined
  #frames: number
  #chunkFrames: number

  /** Fills the device until less is asked for. */
  constructor(device: AlsaDevice, isRealTime: boolean) {
    this.#device = device
    this.#leastUs = isRealTime ? 0 : leastOrdinaryHoldUs
    this.#leastLeftFrames = ((isRealTime ? leastLeftUs : leastOrdinaryLeftUs) * device.sampleRate) / 1e6
    this.#frames = device.bufferFrames
    this.#chunkFrames = device.chunkFrames
  }

  /** What the device is kept filled with: its buffer, or less. */
  get frames(): number {
    return this.#frames
  }

  /** Written at a time, until the device is kept full and has settled. */
  get chunkFrames(): number {
    return this.#chunkFrames
  }

  /** Then the driver wakes us, which is when it has counted; else we come by our own clock. */
  get isFull(): boolean {
    return this.#frames === this.#device.bufferFrames
  }

  /** For how long a chunk can be put off while it is late, µs. */
  get slackUs(): number {
    if (this.isFull) return 0
    return Math.max(0, ((this.#frames - this.#chunkFrames - this.#leastLeftFrames) * 1e6) / this.#device.sampleRate)
  }

  /** Whether a chunk that is late can be put off while `heldFrames` are there. */
  canWait(heldFrames: number): boolean {
    return !this.isFull && heldFrames > this.#leastLeftFrames
  }

  /** Asks for `queueMs` to be held. Returns whether it is full now and was not, or the other way round. */
  ask(queueMs: number): boolean {
    this.#askedUs = queueMs * 1000
    return this.#choose()
  }

  /** When the next chunk will fit; undefined where that is not what is waited for. */
  expectRoom(at: LocalUs | undefined): void {
    this.#roomAt = at
  }

  /** At `now` the thread has come to the device, for the first time since that had room. Returns the same as `ask`. */
  came(now: LocalUs): boolean {
    if (this.#roomAt === undefined) return false
    const { worstUs } = this.#lateness
    this.#lateness.woke(now - this.#roomAt, now)
    this.#roomAt = undefined
    return this.#lateness.worstUs !== worstUs && this.#choose()
  }

  #choose(): boolean {
    const wasFull = this.isFull
    const { bufferFrames, chunkFrames, sampleRate } = this.#device
    const askedUs = Math.max(this.#askedUs, this.#leastUs)
    const lateUs = holdPerLateness * this.#lateness.worstUs
    const heldUs = Math.max(askedUs, Math.min(lateUs, mostHoldPerAsked * askedUs))
    this.#frames = Math.min(Math.round((heldUs * sampleRate) / 1e6), bufferFrames)
    this.#chunkFrames = Math.max(1, Math.min(chunkFrames, Math.floor(this.#frames * chunkShare)))
    return this.isFull !== wasFull
  }
}
