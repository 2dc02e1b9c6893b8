/** Reaches a new gain in a straight line over a few periods, so that volume and mute never click. */

/** 20 ms: spreads a full-scale step below the audible, and still feels immediate. */
export const rampMs = 20

export class GainRamp {
  readonly #rampFrames: number
  #gain = 0
  #target = 0
  #step = 0
  #framesLeft = 0

  /** Starts at gain 0. */
  constructor(sampleRate: number) {
    this.#rampFrames = Math.round((rampMs * sampleRate) / 1000)
  }

  /** Scales the next `frames` frames on the way to `target`. It never allocates, waits or throws. */
  apply(channels: readonly Float32Array[], frames: number, target: number): void {
    if (target !== this.#target) {
      this.#target = target
      this.#framesLeft = this.#rampFrames
      this.#step = (target - this.#gain) / this.#rampFrames
    }
    const start = this.#gain
    const rampEnd = Math.min(frames, this.#framesLeft)
    for (let c = 0; c < channels.length; c++) {
      const samples = channels[c]!
      for (let i = 0; i < rampEnd; i++) samples[i] = samples[i]! * (start + i * this.#step)
      if (target !== 1) for (let i = rampEnd; i < frames; i++) samples[i] = samples[i]! * target
    }
    this.#framesLeft -= rampEnd
    this.#gain = this.#framesLeft > 0 ? start + rampEnd * this.#step : target
  }
}
