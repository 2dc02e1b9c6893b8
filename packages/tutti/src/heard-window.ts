/**
 * What a room was truly heard to play around given instants of the machine's clock, cut out of the periods its card
 * plays. Rooms on one machine cut at the same instants, so their windows can be compared by ear.
 */

export interface HeardWindow {
  /** The instant all rooms cut at, µs of the machine's clock: a multiple of `windowEveryUs`. */
  readonly dueAtUs: number
  /** When the first sample was heard: `dueAtUs` or up to a frame later. */
  readonly startedAtUs: number
  /** From one sample to the next as heard, µs. */
  readonly frameUs: number
  /** The mean of the room's channels. */
  readonly samples: Float32Array
}

export const windowEveryUs = 250_000
/** A little less than a window's time, so that the slowest card is ready for the next. */
export const windowFrames = 11_520

/** Cuts windows of `windowFrames` out of periods that arrive in order; a break in the sound spoils the window it falls in. */
export class WindowCutter {
  readonly #frameUs: number
  readonly #emit: (window: HeardWindow) => void
  #samples = new Float32Array(windowFrames)
  #filled = 0
  #dueAtUs = Number.NaN
  #startedAtUs = Number.NaN
  #nextHeardAtUs = Number.NaN

  /** `sampleRate` as the card really plays: nominal rate times one plus its error. */
  constructor(sampleRate: number, emit: (window: HeardWindow) => void) {
    this.#frameUs = 1e6 / sampleRate
    this.#emit = emit
  }

  /** A period whose first frame is heard at `heardAtUs` of the machine's clock. */
  hear(heardAtUs: number, frames: number, channels: readonly Float32Array[]): void {
    if (!(Math.abs(heardAtUs - this.#nextHeardAtUs) < this.#frameUs)) this.#dueAtUs = Number.NaN
    this.#nextHeardAtUs = heardAtUs + frames * this.#frameUs
    if (Number.isNaN(this.#dueAtUs)) {
      const dueAtUs = (Math.floor((heardAtUs - this.#frameUs) / windowEveryUs) + 1) * windowEveryUs
      const skipped = Math.max(0, Math.ceil((dueAtUs - heardAtUs) / this.#frameUs))
      if (skipped >= frames) return
      this.#dueAtUs = dueAtUs
      this.#startedAtUs = heardAtUs + skipped * this.#frameUs
      this.#filled = 0
      this.#take(skipped, frames, channels)
    } else {
      this.#take(0, frames, channels)
    }
  }

  #take(from: number, to: number, channels: readonly Float32Array[]): void {
    const count = Math.min(to - from, windowFrames - this.#filled)
    for (const channel of channels) {
      for (let i = 0; i < count; i++) this.#samples[this.#filled + i]! += channel[from + i]! / channels.length
    }
    this.#filled += count
    if (this.#filled < windowFrames) return
    const samples = this.#samples
    this.#samples = new Float32Array(windowFrames)
    this.#emit({ dueAtUs: this.#dueAtUs, startedAtUs: this.#startedAtUs, frameUs: this.#frameUs, samples })
    this.#dueAtUs = Number.NaN
  }
}
