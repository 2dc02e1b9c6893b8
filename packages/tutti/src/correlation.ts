/** How much later one signal has what another has, to a fraction of a sample, by cross-correlation. */
import { Fft } from './fft.js'

export interface Match {
  /** Where in the searched signal the pattern begins, in samples; fractional. */
  readonly position: number
  /** Normalised correlation there, −1 to 1; 1 when they differ by a factor only. */
  readonly correlation: number
}

/** Neighbours used on either side to interpolate the correlation. */
const interpolationTaps = 16
const fineSteps = 16

/**
 * Finds `pattern` in `searched`, which must be at least as long. Undefined when either is silent.
 *
 * The correlation of band-limited signals is band-limited too, so it is interpolated with a windowed sinc around its
 * largest sample, and the top found by a parabola through three of the fine steps: exact to about a hundredth of a sample.
 */
export function findPattern(pattern: Float32Array, searched: Float32Array): Match | undefined {
  const places = searched.length - pattern.length + 1
  if (places < 1) throw new RangeError('the pattern is longer than what is searched')
  const patternEnergy = energyOf(pattern)
  if (patternEnergy === 0) return undefined
  const products = correlate(pattern, searched)
  const energies = runningEnergy(searched, pattern.length)

  // Normalised before it is interpolated: only then is the true place the highest, whatever lies beyond the edges.
  const correlations = products.subarray(0, places)
  for (let i = 0; i < places; i++) {
    const energy = energies[i]!
    correlations[i] = energy < patternEnergy * 1e-6 ? 0 : correlations[i]! / Math.sqrt(patternEnergy * energy)
  }
  const best = correlations.reduce((highest, value, i) => (value > correlations[highest]! ? i : highest), 0)
  const correlation = correlations[best]!
  if (correlation <= 0) return undefined
  if (best === 0 || best === places - 1) return { position: best, correlation }
  return { position: best + topOf(correlations, best), correlation }
}

/**
 * Mean position of the energy of a signal's slopes, in samples. It is slopes that tell time, so when two signals run at
 * slightly different speeds, this is the place in the pattern that a match speaks of. The signal must not be constant.
 */
export function slopeCentroid(samples: Float32Array): number {
  let energy = 0
  let moment = 0
  for (let i = 1; i < samples.length; i++) {
    const slope = samples[i]! - samples[i - 1]!
    energy += slope * slope
    moment += (i - 0.5) * slope * slope
  }
  return moment / energy
}

/** Σ pattern[j]·searched[i + j] for every place i, by way of the frequency domain. */
function correlate(pattern: Float32Array, searched: Float32Array): Float64Array {
  const length = 2 ** Math.ceil(Math.log2(searched.length + 1))
  const fft = transformOf(length)
  // Two real signals in one complex transform: the searched one real, the pattern imaginary.
  const re = new Float64Array(length)
  const im = new Float64Array(length)
  re.set(searched)
  im.set(pattern)
  fft.transform(re, im)
  const productRe = new Float64Array(length)
  const productIm = new Float64Array(length)
  for (let k = 0; k < length; k++) {
    const mirror = (length - k) % length
    const searchedRe = (re[k]! + re[mirror]!) / 2
    const searchedIm = (im[k]! - im[mirror]!) / 2
    const patternRe = (im[k]! + im[mirror]!) / 2
    const patternIm = (re[mirror]! - re[k]!) / 2
    productRe[k] = searchedRe * patternRe + searchedIm * patternIm
    productIm[k] = searchedIm * patternRe - searchedRe * patternIm
  }
  fft.transform(productIm, productRe)
  return productRe.map((value) => value / length)
}

/** The last transform is kept: windows of one measurement are all alike. */
let transform = new Fft(2)
function transformOf(length: number): Fft {
  if (transform.length !== length) transform = new Fft(length)
  return transform
}

/** Offset, within one sample of `best`, at which the correlation is highest. */
function topOf(correlations: Float64Array, best: number): number {
  const at = (fraction: number): number => {
    let sum = 0
    const last = Math.min(correlations.length - 1, best + interpolationTaps)
    for (let i = Math.max(0, best - interpolationTaps); i <= last; i++) {
      const x = best + fraction - i
      if (Math.abs(x) < interpolationTaps) sum += correlations[i]! * windowedSinc(x)
    }
    return sum
  }
  let top = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let step = -fineSteps; step <= fineSteps; step++) {
    const value = at(step / fineSteps)
    if (value > highest) {
      highest = value
      top = step / fineSteps
    }
  }
  const before = at(top - 1 / fineSteps)
  const after = at(top + 1 / fineSteps)
  const curvature = before - 2 * highest + after
  return curvature < 0 ? top + (before - after) / (2 * curvature) / fineSteps : top
}

/** Hann window. */
function windowedSinc(x: number): number {
  if (x === 0) return 1
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / interpolationTaps))
}

function energyOf(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0)
}

/** Energy of each stretch of `length` samples. */
function runningEnergy(samples: Float32Array, length: number): Float64Array {
  const sums = new Float64Array(samples.length + 1)
  for (let i = 0; i < samples.length; i++) sums[i + 1] = sums[i]! + samples[i]! ** 2
  return Float64Array.from({ length: samples.length - length + 1 }, (_, i) => sums[i + length]! - sums[i]!)
}
