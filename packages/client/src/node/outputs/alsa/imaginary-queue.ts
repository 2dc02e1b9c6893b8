/**
 * The queue of a device that has none: ALSA's `null`, and `file` on top of it, take whatever they are given at once. They
 * are played to at the pace of our own clock instead, so that a room without a sound card keeps time and a core idle.
 */
import { type LocalUs, shift } from '@tutti/clock'

export class ImaginaryQueue {
  readonly #sampleRate: number
  readonly #capacityFrames: number
  #endsAt: LocalUs

  /** Full, and started at `at`. */
  constructor(sampleRate: number, capacityFrames: number, at: LocalUs) {
    this.#sampleRate = sampleRate
    this.#capacityFrames = capacityFrames
    this.#endsAt = at
    this.write(capacityFrames)
  }

  /** When the next frame written would be heard. */
  get endsAt(): LocalUs {
    return this.#endsAt
  }

  /** Frames that fit at `at`; all of them once it has run dry. */
  freeFrames(at: LocalUs): number {
    const queuedFrames = ((this.#endsAt - at) * this.#sampleRate) / 1e6
    return this.#capacityFrames - Math.max(0, queuedFrames)
  }

  write(frames: number): void {
    this.#endsAt = shift(this.#endsAt, (frames * 1e6) / this.#sampleRate)
  }
}
