/**
 * Media by position only, and the truth about it: which instant of the server's timeline each frame was sent for.
 * Stands where a player has its ring of samples.
 */
import type { MediaWriter } from '@tutti/client'
import type { ServerUs } from '@tutti/clock'

/** A block of media: a length, and the server's word for when its first frame is due; undefined for filler silence. */
export interface SimBlock {
  readonly length: number
  readonly dueAt: ServerUs | undefined
}

/** Consecutive frames that are due at consecutive instants. */
interface Run {
  readonly firstFrame: number
  readonly dueAt: ServerUs | undefined
}

/** Timestamps on the wire are whole microseconds, so neighbours may disagree by one. */
const roundingUs = 1.5

export class MediaLog implements MediaWriter<SimBlock> {
  readonly #capacityFrames: number
  readonly #sampleRate: number
  readonly #runs: Run[] = []
  #firstFrame = 0
  #endFrame = 0

  constructor(capacityFrames: number, sampleRate: number) {
    this.#capacityFrames = capacityFrames
    this.#sampleRate = sampleRate
  }

  get firstFrame(): number {
    return this.#firstFrame
  }

  get endFrame(): number {
    return this.#endFrame
  }

  get freeFrames(): number {
    return this.#capacityFrames - (this.#endFrame - this.#firstFrame)
  }

  append(block: SimBlock): void {
    const predicted = this.dueAt(this.#endFrame)
    const { dueAt } = block
    const continues =
      this.#runs.length > 0 &&
      (dueAt === undefined
        ? predicted === undefined
        : predicted !== undefined && Math.abs(dueAt - predicted) <= roundingUs)
    if (!continues) this.#runs.push({ firstFrame: this.#endFrame, dueAt })
    this.#endFrame += block.length
    if (this.#endFrame - this.#firstFrame > this.#capacityFrames)
      throw new RangeError('media overwritten before it was read')
  }

  /** What lies before `frame` is not needed any more. */
  release(frame: number): void {
    this.#firstFrame = Math.min(this.#endFrame, Math.max(this.#firstFrame, frame))
    while (this.#runs.length > 1 && this.#runs[1]!.firstFrame < this.#firstFrame - this.#capacityFrames)
      this.#runs.shift()
  }

  /** The instant on the server's timeline at which this (fractional) frame is due; undefined if it is no media. */
  dueAt(frame: number): ServerUs | undefined {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i]!
      if (frame < run.firstFrame) continue
      if (run.dueAt === undefined) return undefined
      return (run.dueAt + ((frame - run.firstFrame) * 1e6) / this.#sampleRate) as ServerUs
    }
    return undefined
  }
}
