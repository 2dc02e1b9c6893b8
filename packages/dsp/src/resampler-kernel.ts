/**
 * The low-pass filter of the resampler: a sinc under a Kaiser window, tabulated at `phases` points between two media
 * frames (J. O. Smith, Digital Audio Resampling). One frame's lobes are `stretch` times wider when media comes faster
 * than the device plays, so that what the device cannot represent is removed instead of folded.
 */

/** Taps at stretch 1. With β = 9 and 256 phases, 32 keep every error about 95 dB below a 10 kHz tone. */
const baseTaps = 32
const kaiserBeta = 9

export class ResamplerKernel {
  static readonly phases = 256
  /** Even. The taps of position n + fraction are the frames n - taps/2 + 1 … n + taps/2. */
  readonly taps: number
  /** Media frames per device frame up to which nothing folds. */
  readonly stretch: number
  /** Row p, of `taps` coefficients, is for fraction p / phases; rows 0 to `phases`, so that every row has a next. */
  readonly table: Float32Array

  constructor(stretch: number) {
    const taps = 2 * Math.ceil((baseTaps / 2) * stretch)
    this.taps = taps
    this.stretch = stretch
    this.table = new Float32Array((ResamplerKernel.phases + 1) * taps)
    for (let phase = 0; phase <= ResamplerKernel.phases; phase++)
      this.table.set(row(phase / ResamplerKernel.phases, taps, stretch), phase * taps)
  }
}

/** Coefficients that sum to 1, so that no phase is louder than another. */
function row(fraction: number, taps: number, stretch: number): number[] {
  const coefficients: number[] = []
  for (let tap = 0; tap < taps; tap++) {
    const x = (tap - taps / 2 + 1 - fraction) / stretch
    coefficients.push(sinc(x) * kaiser((x * stretch) / (taps / 2)))
  }
  const sum = coefficients.reduce((total, coefficient) => total + coefficient, 0)
  return coefficients.map((coefficient) => coefficient / sum)
}

/** Exactly 0 at whole numbers: at stretch 1 a whole position then gives the media frame itself, to the bit. */
function sinc(x: number): number {
  if (x === 0) return 1
  return Number.isInteger(x) ? 0 : Math.sin(Math.PI * x) / (Math.PI * x)
}

/** 1 in the middle, 0 beyond ±1. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(kaiserBeta * Math.sqrt(1 - x * x)) / besselI0(kaiserBeta)
}

/** Modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
