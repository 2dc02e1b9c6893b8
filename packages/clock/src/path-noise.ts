/**
 * How much queueing there is on the path, learned from how wide bins are. The narrowest bins of the last minutes show how
 * fast the path can be; a wider bin has queueing left in it. When all bins become wider and stay so, it is not queueing
 * but another path, or a load that lasts: their middle may then be off by a share of what was added.
 */
import { type EnvelopeBin, halfWidthUs } from './envelope-bin.js'

/**
 * A slower path adds delay to the two directions in some proportion, which lasts while the cause does: a download queues one
 * way only, another access point is slower both ways. Standard deviation of it before anything is known.
 */
export const shareSigma = 0.5

/** Noise of a narrow bin: this share of how much the middling pair of neighbours differs, and what time stamps cost. */
const noisePerDifference = 0.8
const timestampNoiseUs = 1.5
/** It is at most this share of the half-width, and with n pairs to compare no less than it by n: a few may be alike by luck. */
const noisePerHalfWidth = 0.5
/** So many pairs tell how noisy a path is; with fewer, what was known before stands. */
const enoughPairs = 12
/** Noise of a bin that is wider: this share of the excess. Of recorded bad Wi-Fi the narrow bins deserve more weight than if ... */
const noisePerExcess = 0.7
/** ... all errors up to it were about equally likely, which is what is taken for granted where it is asked whether a clock changed. */
const doubtPerExcess = 0.5
/** On a slower path noise is this share of the excess as far as it may be the fast path's, ... */
const noisePerOwnExcess = 0.7
/** ... and this of the rest, which has the same cause as the level and almost the same share in each direction. */
const shareNoise = 0.03

/** A slower path is one whose delay has varied little in so many bins. */
const binsOfALevel = 5
/** The level around a bin is the narrowest of it and so many on either side. */
const neighbours = 4
/** Above this many times the noise over the narrowest bin, a level is of a slower path. */
const noisesToALevel = 6
/** After so long without it the fastest path is given up, and the present one is taken to be equally slow both ways. */
const horizonS = 3600

/** More noise than this share of the narrowest half-width comes of queues with long tails. */
const roughShare = 0.1

/** At most so many bins can be judged at once. */
const capacity = 128

export class PathNoise {
  /** Half-width of the narrowest bins, in microseconds. */
  narrowestUs = Number.POSITIVE_INFINITY
  /** Standard deviation of a bin on the fastest path, and of one on a slower path about that path's level. */
  noiseUs = timestampNoiseUs
  #slowerNoiseUs = timestampNoiseUs
  #narrowestAtS = 0
  readonly #widths = new Float64Array(capacity)
  readonly #sorted = new Float64Array(capacity)

  forget(): void {
    this.narrowestUs = Number.POSITIVE_INFINITY
  }

  /** Whether queues are rather the rule, so that it is worth knowing in which direction a bin queued. */
  get isRough(): boolean {
    return this.noiseUs > roughShare * this.narrowestUs
  }

  /** By how much the path around this bin is slower than the fastest, half round trip in µs; 0 if it is the fastest. */
  slowerUs(bin: EnvelopeBin): number {
    const slowerUs = bin.levelUs - this.narrowestUs
    return slowerUs > noisesToALevel * this.noiseUs ? slowerUs : 0
  }

  /** By how much this bin is wider than the narrowest, half round trip in µs. */
  addedUs(bin: EnvelopeBin, driftPpm: number): number {
    return halfWidthUs(bin, driftPpm) - this.narrowestUs
  }

  /**
   * Variance by which the middle of one of these bins may contradict what is known, when it is asked whether a clock changed. A queue
   * that fills and drains may be all in one direction: on a slower path, delay that varies is no less a doubt than delay that lasts.
   */
  doubtAt(bins: readonly EnvelopeBin[], index: number, driftPpm: number): number {
    const bin = bins[index]!
    if (this.slowerUs(bin) === 0) return this.#doubtOf(bin, this.narrowestUs, driftPpm)
    let most = 0
    for (let i = Math.max(0, index + 1 - binsOfALevel); i <= index; i++)
      most = Math.max(most, this.#doubtOf(bins[i]!, bin.levelUs, driftPpm))
    return most
  }

  /** Variance of the bin's middle where nothing is known of the direction that queues, on a path of `levelUs` without queues. */
  #doubtOf(bin: EnvelopeBin, levelUs: number, driftPpm: number): number {
    const noiseUs = this.slowerUs(bin) > 0 ? this.#slowerNoiseUs : this.noiseUs
    return noiseUs ** 2 + (doubtPerExcess * (halfWidthUs(bin, driftPpm) - levelUs)) ** 2
  }

  /** Variance of the bin's middle; on a slower path, of what is left once the share of `addedUs` is known. */
  varianceOf(bin: EnvelopeBin, driftPpm: number): number {
    if (this.slowerUs(bin) === 0) return this.noiseUs ** 2 + (noisePerExcess * this.addedUs(bin, driftPpm)) ** 2
    return this.varianceAbove(halfWidthUs(bin, driftPpm) - bin.levelUs)
  }

  /** Variance of the middle of a bin that is wider by `excessUs` than a path whose share is known. */
  varianceAbove(excessUs: number): number {
    const ownUs = noisePerOwnExcess * Math.min(excessUs, noisesToALevel * this.noiseUs)
    return this.noiseUs ** 2 + ownUs ** 2 + (shareNoise * excessUs) ** 2
  }

  /** Says on which level a bin is that follows these complete ones. */
  place(bin: EnvelopeBin, before: readonly EnvelopeBin[], driftPpm: number): void {
    bin.levelUs = halfWidthUs(bin, driftPpm)
    for (let i = Math.max(0, before.length - neighbours); i < before.length; i++)
      bin.levelUs = Math.min(bin.levelUs, halfWidthUs(before[i]!, driftPpm))
    if (before.length > 0) return
    this.narrowestUs = bin.levelUs
    this.noiseUs = this.#mostNoiseUs
  }

  /**
   * Looks at all bins anew and sets their levels. Returns by how much the path turned out to be faster than what was
   * taken for the fastest, half round trip in µs; 0 if by no more than noise.
   */
  judge(bins: readonly EnvelopeBin[], driftPpm: number, atS: number): number {
    const count = bins.length
    const widths = this.#widths
    for (let i = 0; i < count; i++) widths[i] = halfWidthUs(bins[i]!, driftPpm)
    for (let i = 0; i < count; i++) {
      const last = Math.min(count - 1, i + neighbours)
      let levelUs = widths[i]!
      for (let j = Math.max(0, i - neighbours); j <= last; j++) levelUs = Math.min(levelUs, widths[j]!)
      bins[i]!.levelUs = levelUs
    }
    const fallUs = this.#updateNarrowest(bins, atS)
    // A download that begins before the path is known must not pass for its noise.
    this.noiseUs = Math.min(this.#noiseAmong(bins, false) ?? this.noiseUs, this.#mostNoiseUs)
    this.#slowerNoiseUs = this.#noiseAmong(bins, true) ?? this.noiseUs
    return fallUs
  }

  get #mostNoiseUs(): number {
    return timestampNoiseUs + noisePerHalfWidth * this.narrowestUs
  }

  #updateNarrowest(bins: readonly EnvelopeBin[], atS: number): number {
    const sorted = this.#sorted.subarray(0, bins.length)
    sorted.set(this.#widths.subarray(0, bins.length))
    sorted.sort()
    // The second narrowest, because a bin that a step of a clock falls into can look faster than light.
    const narrowestUs = bins.length < 3 ? sorted[0]! : sorted[1]!
    const fallUs = this.narrowestUs - narrowestUs
    const levelStepUs = noisesToALevel * this.noiseUs
    if (fallUs < 0 && atS - this.#narrowestAtS < horizonS) {
      if (fallUs < -levelStepUs || this.#slowerBins(bins) * 2 > bins.length) return 0
    }
    this.narrowestUs = narrowestUs
    this.#narrowestAtS = atS
    return Number.isFinite(fallUs) && fallUs > levelStepUs ? fallUs : 0
  }

  #slowerBins(bins: readonly EnvelopeBin[]): number {
    let count = 0
    for (const bin of bins) if (this.slowerUs(bin) > 0) count++
    return count
  }

  /**
   * Noise of the bins on slower paths, or of the others; undefined if there are too few to tell. Neighbours are compared,
   * because a change of path makes only one pair differ for another reason than noise (von Neumann et al. 1941).
   */
  #noiseAmong(bins: readonly EnvelopeBin[], slower: boolean): number | undefined {
    let pairs = 0
    for (let i = 1; i < bins.length; i++) {
      if (this.slowerUs(bins[i]!) > 0 !== slower || this.slowerUs(bins[i - 1]!) > 0 !== slower) continue
      this.#sorted[pairs++] = Math.abs(this.#widths[i]! - this.#widths[i - 1]!)
    }
    const isAllThereIs = !slower && bins.length <= enoughPairs
    if (pairs < enoughPairs && !isAllThereIs) return undefined
    const middlingUs = pairs === 0 ? 0 : this.#sorted.subarray(0, pairs).sort()[pairs >> 1]!
    const leastUs = (noisePerHalfWidth * this.narrowestUs) / (pairs + 1)
    return timestampNoiseUs + Math.max(noisePerDifference * middlingUs, leastUs)
  }
}
