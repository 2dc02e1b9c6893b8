/** Where a live source is being read, and how it is faded in, over and out. */
import type { LiveBuffer } from './live-buffer.js'
import type { RateRun } from './live-rate.js'

/** What is to be read next. */
export interface PlayheadRun extends RateRun {
  /** Of output. */
  readonly frames: number
  /** Of the first of them, in frames of the source. */
  readonly position: number
  /** To fade it in over, while what was playing, if anything was and this does not follow it, is faded out. */
  readonly fadeInFrames: number
  /** To be left after it; with less, this is the last that is heard. */
  readonly reserveFrames: number
}

const fadeMs = 5

export class LivePlayhead {
  readonly fadeFrames: number
  readonly #buffer: LiveBuffer
  #position = 0

  constructor(buffer: LiveBuffer, sampleRate: number) {
    this.#buffer = buffer
    this.fadeFrames = Math.round((fadeMs * sampleRate) / 1000)
  }

  /** Where the next frame is read, in frames of the source. */
  get position(): number {
    return this.#position
  }

  /** The oldest frame that has not been read. */
  get oldest(): number {
    return Math.max(this.#position, this.#buffer.firstFrame)
  }

  /** Whether enough has not been read to fade in and out with. */
  get hasRest(): boolean {
    return this.#buffer.readable(this.oldest, 1) >= 2 * this.fadeFrames
  }

  /** Goes on from `position`, where nothing is being heard. */
  moveTo(position: number): void {
    this.#position = position
  }

  /**
   * Adds the next frames to `output`. False when the source has run dry: then what there was has been faded out, and
   * silence follows.
   */
  play(run: PlayheadRun, output: readonly Float32Array[]): boolean {
    const { frames, startRatio, endRatio, position, fadeInFrames } = run
    const ratioAt = (frame: number): number => startRatio + ((endRatio - startRatio) * frame) / frames
    const positionAt = (frame: number): number => position + (frame * (startRatio + ratioAt(frame))) / 2
    const read = (from: number, to: number, startGain: number, endGain: number): void => {
      if (from >= to) return
      const ends = { position: positionAt(from), startRatio: ratioAt(from), endRatio: ratioAt(to) }
      this.#buffer.read({ ...ends, offset: from, frames: to - from, startGain, endGain }, output)
    }
    if (position !== this.#position) this.#fadeOut(fadeInFrames, startRatio, output)
    const readable = this.#buffer.readable(position, Math.max(startRatio, endRatio))
    const goesOn = readable >= frames + run.reserveFrames
    read(0, fadeInFrames, 0, 1)
    if (goesOn) {
      read(fadeInFrames, frames, 1, 1)
    } else {
      // What is left is enough to fade out with, because the last block was only played whole while it was.
      const end = Math.min(readable, frames)
      const fadeFrom = Math.max(fadeInFrames, end - this.fadeFrames)
      read(fadeInFrames, fadeFrom, 1, 1)
      read(fadeFrom, end, 1, 0)
    }
    this.#position = positionAt(frames)
    return goesOn
  }

  #fadeOut(frames: number, ratio: number, output: readonly Float32Array[]): void {
    const ends = { position: this.#position, startRatio: ratio, endRatio: ratio }
    this.#buffer.read({ ...ends, offset: 0, frames, startGain: 1, endGain: 0 }, output)
  }
}
