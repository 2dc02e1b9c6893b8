/** When what is read of a live source is due: frame after frame, from its first read on. */
import { type ServerUs, shift } from '@tutti/clock'

/**
 * A reader later than this has been stood in for: live groups fill with silence what comes too late, and go on with
 * what comes in its own time again. What was due then is left out, or the source would stay late for good.
 */
const mostLateUs = 250_000

export class LiveSchedule {
  readonly #sampleRate: number
  /** When frame 0 was due; undefined before the first read. */
  #originAt: ServerUs | undefined
  #frames = 0

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate
  }

  /** When the next frame is due; not before the first `catchUp`. */
  get dueAt(): ServerUs {
    return (this.#originAt! + (this.#frames * 1e6) / this.#sampleRate) as ServerUs
  }

  /** How long until the next frame is due, in µs; leaves out what nobody waits for any more. */
  catchUp(at: ServerUs): number {
    this.#originAt ??= at
    const lateUs = at - this.dueAt
    if (lateUs > mostLateUs) this.#originAt = (this.#originAt + lateUs - mostLateUs) as ServerUs
    return -lateUs
  }

  /** So many frames have been given. */
  passed(frames: number): void {
    this.#frames += frames
  }

  /** The next frame is due at `at`: something else stood in for those before it. */
  resumeAt(at: ServerUs): void {
    this.#originAt = shift(this.#originAt!, at - this.dueAt)
  }

  /** Frames that have become due by `at` and have not been given. */
  dueFrames(at: ServerUs): number {
    return Math.max(0, Math.floor(((at - this.dueAt) * this.#sampleRate) / 1e6))
  }
}
