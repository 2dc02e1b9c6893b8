/**
 * Where a device has got to: how much is held, how much fits, and when what is written next will be heard.
 *
 * The driver is asked how many frames are still to be heard, and the clock is read on both sides of that question; the
 * pair is what `DeviceClock` lives on. A device without a clock is counted for by our own.
 */
import { type Clock, type LocalUs, shift } from '@tutti/clock'
import type { AlsaDevice } from './alsa-device.js'
import type { AlsaLibrary } from './alsa-library.js'
import { ImaginaryQueue } from './imaginary-queue.js'
import { PositionAge } from './position-age.js'

/** A reading is taken again when the clock ran on for longer than this meanwhile, µs; the quickest counts. */
const slowReadingUs = 30
const readingTries = 3

export class AlsaPosition {
  readonly #library: AlsaLibrary
  readonly #device: AlsaDevice
  readonly #clock: Clock<LocalUs>
  readonly #age: PositionAge
  /** For the driver to write to. */
  readonly #free = new Int32Array(2)
  readonly #queued = new Int32Array(2)
  /** Instead of the device's own, when it has none. */
  #imaginary: ImaginaryQueue | undefined
  #writtenFrames = 0
  #freeFrames = 0
  #queuedFrames = 0
  #heardAt = 0 as LocalUs
  #emptyAt = 0 as LocalUs

  constructor(library: AlsaLibrary, device: AlsaDevice, clock: Clock<LocalUs>) {
    this.#library = library
    this.#device = device
    this.#clock = clock
    this.#age = new PositionAge(device.sampleRate)
  }

  /** Whether the device has a crystal; false for one that takes everything at once. Known once it has started. */
  get hasClock(): boolean {
    return this.#imaginary === undefined
  }

  /** Frames the position moves by at a time; 1 while that is unknown. */
  get burstFrames(): number {
    return this.#age.burstFrames
  }

  /** Frames written since the device was last started. */
  get writtenFrames(): number {
    return this.#writtenFrames
  }

  /** Room in the buffer at the last look; all of it once it has run dry. */
  get freeFrames(): number {
    return this.#freeFrames
  }

  /** In the buffer at the last look. */
  get heldFrames(): number {
    return this.#device.bufferFrames - this.#freeFrames
  }

  /** Between the frame written next and the loudspeaker at the last look; may be fractional. */
  get queuedFrames(): number {
    return this.#queuedFrames
  }

  /** When the frame written next will be heard. */
  get heardAt(): LocalUs {
    return this.#heardAt
  }

  /** When the buffer runs empty if nothing is written. */
  get emptyAt(): LocalUs {
    return this.#emptyAt
  }

  /** The device is filled anew, to be started. */
  prepared(): void {
    this.#writtenFrames = 0
    this.#imaginary = undefined
    this.#age.restart()
  }

  /** It took at once what would have lasted: it is played to by our own clock from `at` on. */
  imagine(at: LocalUs): void {
    this.#imaginary = new ImaginaryQueue(this.#device.sampleRate, this.#device.bufferFrames, at)
  }

  /** Positions will be read at other moments from now on. */
  restart(): void {
    this.#age.restart()
  }

  wrote(frames: number): void {
    this.#writtenFrames += frames
    this.#imaginary?.write(frames)
  }

  /**
   * Looks where it is now; returns an error code or 0.
   * @param isWoken whether it is the driver that has woken us, just after it counted
   */
  look(isWoken: boolean): number {
    if (this.#imaginary === undefined) return this.#ask(isWoken)
    this.#freeFrames = this.#imaginary.freeFrames(this.#clock.now())
    this.#queuedFrames = 0
    this.#heardAt = this.#emptyAt = this.#imaginary.endsAt
    return 0
  }

  #ask(isWoken: boolean): number {
    const { pcm, sampleRate } = this.#device
    let quickestUs = Number.POSITIVE_INFINITY
    let readAt = 0 as LocalUs
    let queued = 0
    for (let tries = 0; tries < readingTries && quickestUs > slowReadingUs; tries++) {
      const before = this.#clock.now()
      const code = this.#library.availDelay(pcm, this.#free, this.#queued)
      const tookUs = this.#clock.now() - before
      if (code < 0) return code
      if (tookUs >= quickestUs) continue
      quickestUs = tookUs
      readAt = shift(before, tookUs / 2)
      this.#freeFrames = this.#free[0]!
      queued = this.#queued[0]!
    }
    // Positions are counted in whole frames: of the one that is leaving, half has left on average.
    const likelyFrames = this.#age.read(this.#writtenFrames - queued, readAt)
    this.#queuedFrames = queued - (isWoken ? 0.5 : likelyFrames)
    this.#heardAt = shift(readAt, (this.#queuedFrames * 1e6) / sampleRate)
    this.#emptyAt = shift(readAt, (this.heldFrames * 1e6) / sampleRate)
    return 0
  }
}
