/**
 * Ties the frames of a stream to the server's clock: which instant frame n belongs to, learnt from the timestamps of the
 * chunks it came in.
 *
 * A server that counts samples is off by the rounding to whole microseconds, one that adds up rounded durations runs
 * away by up to hundreds of ppm (a bug found in the field: 444 ppm at 44.1 kHz). Both are followed by an alpha-beta
 * filter (Kalata, IEEE Trans. AES 20(2), 1984) over position and speed: critically damped, so that a steady run-away
 * leaves no lag, and slow enough, 16 chunks, that rounding averages out below a tenth of a microsecond.
 *
 * A timestamp that fits only within more than the tolerance is news: a hole or an overlap, which is the caller's to
 * bridge, so that positions stay tied to time.
 */
import type { ServerUs } from '@tutti/clock'
import type { Anchor } from './control.js'

const alpha = 1 / 16
/** Critically damped: a double pole at 1 - alpha / 2. */
const beta = (alpha * alpha) / 4
/** A stream's speed may differ from nominal by so much, ppm; anything beyond shows as holes or overlaps. */
const maxPpm = 1_000
const shortestS = 0.01

export class StreamAnchor {
  readonly #toleranceUs: number
  #epoch = 0
  #firstFrame = 0
  #nominalRate = 1
  // The line goes through (#frame, #serverAt), where the next chunk is expected.
  #frame = 0
  #serverAt = 0
  #usPerFrame = 1e6

  /** @param toleranceUs how far a timestamp may be from its place and still continue what was before */
  constructor(toleranceUs: number) {
    this.#toleranceUs = toleranceUs
  }

  /** Begins an epoch: frame `frame` is due at `serverAt`. */
  restart(frame: number, serverAt: ServerUs, sampleRate: number): void {
    this.#epoch++
    this.#firstFrame = frame
    this.#nominalRate = sampleRate
    this.#frame = frame
    this.#serverAt = serverAt
    this.#usPerFrame = 1e6 / sampleRate
  }

  /** Grows with every `restart`; 0 before the first. */
  get epoch(): number {
    return this.#epoch
  }

  get firstFrame(): number {
    return this.#firstFrame
  }

  /** Nominal frames per second of the running epoch. */
  get sampleRate(): number {
    return this.#nominalRate
  }

  /** One past the last frame added. */
  get endFrame(): number {
    return this.#frame
  }

  /** When `endFrame` is due. */
  get endsAt(): ServerUs {
    return this.#serverAt as ServerUs
  }

  /** How much faster than nominal the stream's frames follow each other on the server's clock, ppm. */
  get ppm(): number {
    return (1e6 / this.#usPerFrame / this.#nominalRate - 1) * 1e6
  }

  /** Frames missing before a chunk due at `timestamp`; negative when it overlaps what is there, 0 within tolerance. */
  gapFrames(timestamp: ServerUs): number {
    const gapUs = timestamp - this.#serverAt
    if (gapUs <= this.#toleranceUs && gapUs >= -this.#toleranceUs) return 0
    return Math.round(gapUs / this.#usPerFrame)
  }

  /** Adds a chunk that begins here: its timestamp corrects the line. */
  add(timestamp: ServerUs, frames: number): void {
    const error = timestamp - this.#serverAt
    const slowest = (1e6 / this.#nominalRate) * (1 + maxPpm * 1e-6)
    const fastest = (1e6 / this.#nominalRate) * (1 - maxPpm * 1e-6)
    // A last chunk may be a few frames short; what it says of the speed must not count for more.
    const usPerFrame = this.#usPerFrame + (beta * error) / Math.max(frames, this.#nominalRate * shortestS)
    this.#usPerFrame = Math.max(fastest, Math.min(slowest, usPerFrame))
    this.#serverAt += alpha * error
    this.advance(frames)
  }

  /** Adds frames that no timestamp speaks for: silence, or what is left of a trimmed chunk. */
  advance(frames: number): void {
    this.#frame += frames
    this.#serverAt += frames * this.#usPerFrame
  }

  /** The media frame due at `serverAt`; fractional. */
  frameAt(serverAt: ServerUs): number {
    return this.#frame + (serverAt - this.#serverAt) / this.#usPerFrame
  }

  /** The line as others need it. */
  toAnchor(): Anchor {
    return {
      epoch: this.#epoch,
      frame: this.#firstFrame,
      serverAt: (this.#serverAt - (this.#frame - this.#firstFrame) * this.#usPerFrame) as ServerUs,
      sampleRate: 1e6 / this.#usPerFrame,
    }
  }
}
