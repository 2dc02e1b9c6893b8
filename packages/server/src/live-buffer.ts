/**
 * What a live source has sent and nobody has heard yet: the last frames of it, numbered from 0 for as long as it runs,
 * to be read at fractional positions. Its memory is fixed: what nobody reads in time gives way to what comes.
 */
import { ResamplerKernel } from '@tutti/dsp'

/** A run of output frames and the stretch of input it is made of. */
export interface Reading {
  /** Of the first output frame, in input frames. */
  readonly position: number
  /** Input frames per output frame, at both ends; linear between. */
  readonly startRatio: number
  readonly endRatio: number
  /** Where in the output, and how many frames. */
  readonly offset: number
  readonly frames: number
  readonly startGain: number
  readonly endGain: number
}

/** Ratios near 1: nothing folds but the outermost parts per thousand of the band. */
const kernel = new ResamplerKernel(1)

export class LiveBuffer {
  /** Frames before and after a position that a reading at it needs. */
  static readonly reach = kernel.taps / 2

  readonly #capacity: number
  readonly #samples: readonly Float32Array[]
  #firstFrame = 0
  #endFrame = 0

  /** @param capacity frames kept at least */
  constructor(channels: number, capacity: number) {
    this.#capacity = capacity
    this.#samples = Array.from({ length: channels }, () => new Float32Array(2 * capacity))
  }

  /** The oldest frame at hand. */
  get firstFrame(): number {
    return this.#firstFrame
  }

  /** The frame after the last one. */
  get endFrame(): number {
    return this.#endFrame
  }

  append(channels: readonly Float32Array[]): void {
    const received = channels[0]!.length
    const frames = Math.min(received, this.#capacity)
    const held = this.#endFrame - this.#firstFrame
    if (frames < received) this.#restart(this.#endFrame + received - frames)
    else if (held + frames > 2 * this.#capacity) this.#keep(this.#capacity - frames)
    const at = this.#endFrame - this.#firstFrame
    for (const [channel, samples] of this.#samples.entries()) {
      samples.set(channels[channel]!.subarray(received - frames), at)
    }
    this.#endFrame += frames
  }

  /** Output frames that can be read from `position` on while no ratio exceeds `ratio`. */
  readable(position: number, ratio: number): number {
    return Math.max(0, Math.floor((this.#endFrame - LiveBuffer.reach - 1 - position) / ratio))
  }

  /** Adds what is read to `output`; frames that are not at hand are silent. */
  read(reading: Reading, output: readonly Float32Array[]): void {
    const { position, startRatio, endRatio, offset, frames, startGain, endGain } = reading
    const { taps, table } = kernel
    const bend = (endRatio - startRatio) / (2 * frames)
    const gainSlope = (endGain - startGain) / frames
    const length = this.#endFrame - this.#firstFrame
    // Frame numbers grow for days: the whole part is set aside first, so that no fraction is rounded away.
    const origin = Math.floor(position)
    const fraction = position - origin
    const firstTap = origin - taps / 2 + 1 - this.#firstFrame
    for (const [channel, samples] of this.#samples.entries()) {
      const into = output[channel]!
      for (let i = 0; i < frames; i++) {
        const at = fraction + i * (startRatio + i * bend)
        const whole = Math.floor(at)
        const phase = (at - whole) * ResamplerKernel.phases
        const row = Math.floor(phase)
        const between = phase - row
        const here = row * taps
        const next = here + taps
        const index = firstTap + whole
        const until = Math.min(taps, length - index)
        let sum = 0
        for (let tap = Math.max(0, -index); tap < until; tap++) {
          const coefficient = table[here + tap]!
          sum += (coefficient + between * (table[next + tap]! - coefficient)) * samples[index + tap]!
        }
        into[offset + i]! += (startGain + i * gainSlope) * sum
      }
    }
  }

  #keep(frames: number): void {
    const held = this.#endFrame - this.#firstFrame
    for (const samples of this.#samples) samples.copyWithin(0, held - frames, held)
    this.#firstFrame = this.#endFrame - frames
  }

  #restart(frame: number): void {
    this.#firstFrame = frame
    this.#endFrame = frame
  }
}
