/** Gives a room its part of a stereo programme; changing the part crossfades. */
import type { ChannelMode } from './control.js'
import { rampMs } from './gain-ramp.js'

/** What the first output takes of left and right, then what the second takes. */
type Mix = readonly [number, number, number, number]

const stereoMixes: Readonly<Record<ChannelMode, Mix>> = {
  stereo: [1, 0, 0, 1],
  left: [1, 0, 1, 0],
  right: [0, 1, 0, 1],
  mono: [0.5, 0.5, 0.5, 0.5],
}
/** A device with one loudspeaker plays the mean where one with two plays both. */
const monoMixes: Readonly<Record<ChannelMode, Mix>> = { ...stereoMixes, stereo: stereoMixes.mono }

export class ChannelMix {
  readonly #mixes: Readonly<Record<ChannelMode, Mix>>
  readonly #fadeFrames: number
  #from: Mix
  #to: Mix
  #framesLeft = 0

  /** @param outputs loudspeakers of the device */
  constructor(sampleRate: number, outputs: number) {
    this.#mixes = outputs > 1 ? stereoMixes : monoMixes
    this.#fadeFrames = Math.round((rampMs * sampleRate) / 1000)
    this.#from = this.#mixes.stereo
    this.#to = this.#from
  }

  /** Turns left and right into the first and second output, in place. It never allocates, waits or throws. */
  apply(left: Float32Array, right: Float32Array, frames: number, mode: ChannelMode): void {
    const wanted = this.#mixes[mode]
    // A change during a crossfade waits for its end.
    if (wanted !== this.#to && this.#framesLeft === 0) {
      this.#from = this.#to
      this.#to = wanted
      this.#framesLeft = this.#fadeFrames
    }
    const fading = Math.min(frames, this.#framesLeft)
    if (fading > 0) this.#crossfade(left, right, fading)
    this.#framesLeft -= fading
    const [ll, lr, rl, rr] = this.#to
    if (ll === 1 && rr === 1) return
    for (let i = fading; i < frames; i++) {
      const l = left[i]!
      const r = right[i]!
      left[i] = ll * l + lr * r
      right[i] = rl * l + rr * r
    }
  }

  #crossfade(left: Float32Array, right: Float32Array, frames: number): void {
    const from = this.#from
    const to = this.#to
    for (let i = 0; i < frames; i++) {
      const old = (this.#framesLeft - i) / this.#fadeFrames
      const l = left[i]!
      const r = right[i]!
      left[i] = old * (from[0] * l + from[1] * r) + (1 - old) * (to[0] * l + to[1] * r)
      right[i] = old * (from[2] * l + from[3] * r) + (1 - old) * (to[2] * l + to[3] * r)
    }
  }
}
