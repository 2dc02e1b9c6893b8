/**
 * Reads media at fractional positions. Every device frame is computed from the taps around its own position, so there
 * is no state: no latency to account for, and a jump is just another position. The filter runs from one tabulated phase
 * to the next by linear interpolation. It never allocates, waits or throws.
 */

import { ResamplerKernel } from '@tutti/dsp'
import type { MediaRing } from './media-ring.js'
import type { Segment } from './plan.js'

/** Media rates that get a filter of their own when the device is slower. */
const mediaRates = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
/** A filter still serves ratios this much beyond its stretch: drift corrections stay far below. */
const tolerance = 1.002
/** Beyond any index arithmetic here, and still a small integer. */
const far = 2 ** 29

export class Resampler {
  readonly #kernels: readonly ResamplerKernel[]

  /** @param deviceRate nominal, Hz */
  constructor(deviceRate: number) {
    const stretches = new Set(mediaRates.map((rate) => Math.max(1, rate / deviceRate)))
    this.#kernels = [...stretches].sort((a, b) => a - b).map((stretch) => new ResamplerKernel(stretch))
  }

  /** Fills `run.frames` frames from `run.offset` on. Media outside the ring's window is silence. */
  resample(media: MediaRing, run: Segment, left: Float32Array, right: Float32Array): void {
    const { taps, table } = this.#kernelFor(run.startRatio)
    const { phases } = ResamplerKernel
    const { left: mediaLeft, right: mediaRight, capacity } = media
    const { offset, frames, startRatio, startGain } = run
    const bend = (run.endRatio - startRatio) / (2 * frames)
    const gainSlope = (run.endGain - startGain) / frames
    // Positions reach 10^10: the whole part is set aside, and the rest is exact to far below a thousandth of a frame.
    const origin = Math.floor(run.startFrame)
    const fraction = run.startFrame - origin
    const firstTap = origin - taps / 2 + 1
    const firstIndex = media.indexOf(firstTap)
    const windowStart = Math.max(-far, Math.min(far, media.firstFrame - firstTap))
    const windowEnd = Math.max(-far, Math.min(far, media.endFrame - firstTap))
    for (let i = 0; i < frames; i++) {
      const position = fraction + i * (startRatio + i * bend)
      const whole = Math.floor(position)
      const phase = (position - whole) * phases
      const row = Math.floor(phase)
      const between = phase - row
      const at = row * taps
      const next = at + taps
      let index = firstIndex + whole
      while (index >= capacity) index -= capacity
      const from = Math.max(0, windowStart - whole)
      const until = Math.min(taps, windowEnd - whole)
      let sumLeft = 0
      let sumRight = 0
      for (let tap = from; tap < until; tap++) {
        const here = table[at + tap]!
        const coefficient = here + between * (table[next + tap]! - here)
        sumLeft += coefficient * mediaLeft[index + tap]!
        sumRight += coefficient * mediaRight[index + tap]!
      }
      const gain = startGain + i * gainSlope
      left[offset + i] = gain * sumLeft
      right[offset + i] = gain * sumRight
    }
  }

  /** The narrowest filter that folds nothing; the widest there is when none is wide enough. */
  #kernelFor(ratio: number): ResamplerKernel {
    const kernels = this.#kernels
    for (let i = 0; i < kernels.length; i++) if (kernels[i]!.stretch * tolerance >= ratio) return kernels[i]!
    return kernels[kernels.length - 1]!
  }
}
