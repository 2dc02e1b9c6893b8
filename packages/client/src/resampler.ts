/**
 * Reads media at fractional positions. Every device frame is computed from the taps around its own position, so there
 * is no state: no latency to account for, and a jump is just another position. It never allocates, waits or throws.
 */

import { createInterpolator, type Interpolator, ResamplerKernel } from '@tutti/dsp'
import type { MediaRing } from './media-ring.js'
import type { Segment } from './plan.js'

/** Media rates that get a filter of their own when the device is slower. */
const mediaRates = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
/** A filter still serves ratios this much beyond its stretch: drift corrections stay far below. */
const tolerance = 1.002
/** Frames computed at a time: what the filter works on stays in the nearest cache. */
const longestBlockFrames = 512

interface Filter {
  readonly kernel: ResamplerKernel
  readonly interpolator: Interpolator
}

export class Resampler {
  readonly #filters: readonly Filter[]
  readonly #run = { frames: 0, position: 0, ratio: 1, bend: 0, gain: 1, gainSlope: 0 }

  /**
   * @param deviceRate nominal, Hz
   * @param highestMediaRate up to which nothing folds, Hz: every filter takes 5 ms of a laptop and 1.5 MiB to make
   */
  constructor(deviceRate: number, highestMediaRate = Number.POSITIVE_INFINITY) {
    const rates = mediaRates.filter((rate) => rate <= Math.max(highestMediaRate, mediaRates[0]!))
    const stretches = new Set(rates.map((rate) => Math.max(1, rate / deviceRate)))
    this.#filters = [...stretches].sort((a, b) => a - b).map(openFilter)
  }

  /** Fills `run.frames` frames from `run.offset` on. Media outside the ring's window is silence. */
  resample(media: MediaRing, run: Segment, left: Float32Array, right: Float32Array): void {
    const highestRatio = Math.max(run.startRatio, run.endRatio)
    const filter = this.#filterFor(highestRatio)
    const roomFrames = filter.interpolator.left.length - filter.kernel.taps - 2
    const blockFrames = Math.max(1, Math.min(longestBlockFrames, Math.floor(roomFrames / highestRatio)))
    const bend = (run.endRatio - run.startRatio) / (2 * run.frames)
    const gainSlope = (run.endGain - run.startGain) / run.frames
    for (let done = 0; done < run.frames; done += blockFrames) {
      const block = this.#run
      block.frames = Math.min(blockFrames, run.frames - done)
      block.ratio = run.startRatio + 2 * bend * done
      block.bend = bend
      block.gain = run.startGain + gainSlope * done
      block.gainSlope = gainSlope
      this.#computeBlock(media, run.startFrame, done * (run.startRatio + done * bend), filter)
      const { outLeft, outRight } = filter.interpolator
      for (let i = 0, at = run.offset + done; i < block.frames; i++, at++) {
        left[at] = outLeft[i]!
        right[at] = outRight[i]!
      }
    }
  }

  /** The block whose first frame is `advance` past `startFrame`. */
  #computeBlock(media: MediaRing, startFrame: number, advance: number, { kernel, interpolator }: Filter): void {
    const block = this.#run
    // Positions reach 10^10: the whole part is set aside, and the rest is exact to far below a thousandth of a frame.
    const origin = Math.floor(startFrame)
    const position = startFrame - origin + advance
    const whole = Math.floor(position)
    const inputFrames = Math.min(
      kernel.taps + 2 + Math.ceil(block.frames * (block.ratio + block.frames * Math.abs(block.bend))),
      interpolator.left.length,
    )
    media.read(origin + whole - kernel.taps / 2 + 1, inputFrames, interpolator.left, interpolator.right)
    block.position = position - whole
    interpolator.interpolate(block)
  }

  /** The narrowest filter that folds nothing; the widest there is when none is wide enough. */
  #filterFor(ratio: number): Filter {
    const filters = this.#filters
    for (let i = 0; i < filters.length; i++) if (filters[i]!.kernel.stretch * tolerance >= ratio) return filters[i]!
    return filters[filters.length - 1]!
  }
}

function openFilter(stretch: number): Filter {
  const kernel = new ResamplerKernel(stretch)
  const inputFrames = kernel.taps + Math.ceil(longestBlockFrames * stretch * tolerance) + 2
  return { kernel, interpolator: createInterpolator(kernel, { inputFrames, outputFrames: longestBlockFrames }) }
}
