/**
 * Media by position only, and the truth about it: which instant of the server's timeline each frame was sent for.
 * Stands where a player has its ring of samples.
 */
import type { TimelineWriter } from '@tutti/client'
import type { ServerUs } from '@tutti/clock'

/** A block of media: a length, and the server's word for when its first frame is due. */
export interface SimBlock {
  readonly length: number
  readonly dueAt: ServerUs
}

/** Consecutive frames that are due at consecutive instants. */
interface Run {
  readonly firstFrame: number
  /** Undefined for silence that fills a hole. */
  readonly dueAt: ServerUs | undefined
}

/** Timestamps on the wire are whole microseconds, so neighbours may disagree by one. */
const roundingUs = 1.5

export class MediaLog implements TimelineWriter<SimBlock> {
  readonly #capacityFrames: number
  readonly #sampleRate: number
  readonly #runs: Run[] = []
  #firstFrame = 0
  #endFrame = 0
  #silentFrames = 0

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

  append({ length, dueAt }: SimBlock): void {
    const predicted = this.dueAt(this.#endFrame)
    const continues = predicted !== undefined && Math.abs(dueAt - predicted) <= roundingUs
    if (!continues) this.#runs.push({ firstFrame: this.#endFrame, dueAt })
    this.#extend(length)
  }

  appendSilence(frames: number): void {
    this.#runs.push({ firstFrame: this.#endFrame, dueAt: undefined })
    this.#silentFrames += frames
    this.#extend(frames)
  }

  fadeTail(): void {} // positions have no loudness

  /** Frames of silence appended so far. */
  get silentFrames(): number {
    return this.#silentFrames
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

  #extend(frames: number): void {
    this.#endFrame += frames
    if (this.freeFrames < 0) throw new RangeError('media was overwritten before it could be played')
  }
}
