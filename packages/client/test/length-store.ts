/** A media store that keeps lengths, and the order in which they were written, instead of samples. */
import type { ChunkDecoder, TimelineWriter } from '../src/decode-pump.js'

/** A block of decoded audio: so many frames, from this chunk. */
export interface Length {
  readonly length: number
}

export type Written = `audio ${number}` | `silence ${number}` | `fade ${number}`

export class LengthStore implements TimelineWriter<Length> {
  readonly written: Written[] = []
  readonly #capacity: number
  firstFrame = 0
  endFrame = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get freeFrames(): number {
    return this.#capacity - (this.endFrame - this.firstFrame)
  }

  append({ length }: Length): void {
    this.#extend(length)
    this.written.push(`audio ${length}`)
  }

  appendSilence(frames: number): void {
    this.#extend(frames)
    this.written.push(`silence ${frames}`)
  }

  fadeTail(frames: number): void {
    this.written.push(`fade ${frames}`)
  }

  release(frame: number): void {
    this.firstFrame = Math.max(this.firstFrame, Math.min(Math.floor(frame), this.endFrame))
  }

  #extend(frames: number): void {
    if (frames > this.freeFrames) throw new RangeError(`${frames} frames into ${this.freeFrames} free ones`)
    this.endFrame += frames
  }
}

/** Decodes a length to itself; a negative one is broken. */
export class LengthDecoder implements ChunkDecoder<number, Length> {
  resets = 0
  closed = false

  decode(frames: number): Length | undefined {
    return frames < 0 ? undefined : { length: frames }
  }

  reset(): void {
    this.resets++
  }

  close(): void {
    this.closed = true
  }
}

export const tailOf = (block: Length, from: number): Length => ({ length: block.length - from })
