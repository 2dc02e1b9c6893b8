/** The removal of an error and the purity of a tone as formulas; derived in docs/sync-theory.md. */

/** What is left of an error that the rate steering removes, `share` of the time that takes after it began. */
export function leftOfRemoval(share: number): number {
  return 1 - 3 * share ** 2 + 2 * share ** 3
}

/** The rate then, of which the mean is 1. */
export function rateOfRemoval(share: number): number {
  return 6 * share * (1 - share)
}

/** What a double pole leaves of an error that bends the rate as much at most, when the other is removed after `seconds`. */
export function leftByDoublePole(atS: number, seconds: number): number {
  const turned = (Math.sqrt(6) * atS) / seconds
  return (1 + turned) * Math.exp(-turned)
}

/** The greatest slope of the rate, in ppm/s, while an error is removed in `seconds`. */
export function steepestOfRemoval(errorUs: number, seconds: number): number {
  return (6 * errorUs) / seconds ** 2
}

/**
 * Signal over noise and distortion of a tone whose rate changes steadily, in dB, as an analyser sees it that fits the
 * best sine to a window: of the phase, a parabola, it cannot fit what is neither a constant nor a frequency.
 */
export function toneSinadDb(ppmPerS: number, hertz: number, windowS: number): number {
  return -20 * Math.log10((Math.PI * hertz * ppmPerS * 1e-6 * windowS ** 2) / Math.sqrt(180))
}

/** The same, measured on a synthetic tone by least squares over amplitude, phase and frequency. */
export function measuredToneSinadDb(ppmPerS: number, hertz: number, windowS: number): number {
  const sampleRate = 48_000
  const samples = Math.round(windowS * sampleRate)
  const tone = Float64Array.from({ length: samples }, (_, i) => {
    const t = (i - samples / 2) / sampleRate
    return Math.sin(2 * Math.PI * hertz * (t + (ppmPerS * 1e-6 * t * t) / 2))
  })
  let fitHertz = hertz
  let fit = fitSine(tone, sampleRate, fitHertz)
  for (let round = 0; round < 4; round++) {
    fitHertz += fit.hertzOff
    fit = fitSine(tone, sampleRate, fitHertz)
  }
  return 10 * Math.log10((fit.inPhase ** 2 + fit.quadrature ** 2) / 2 / fit.meanSquare)
}

interface SineFit {
  readonly inPhase: number
  readonly quadrature: number
  /** By how much the tone's frequency is above the one assumed. */
  readonly hertzOff: number
  /** Of what is left. */
  readonly meanSquare: number
}

/** Sine and cosine at one frequency are nearly orthogonal over many periods, so they are fitted one by one. */
function fitSine(tone: Float64Array, sampleRate: number, hertz: number): SineFit {
  const n = tone.length
  const angle = (i: number): number => (2 * Math.PI * hertz * (i - n / 2)) / sampleRate
  let inPhase = 0
  let quadrature = 0
  for (let pass = 0; pass < 3; pass++) {
    let moreInPhase = 0
    let moreQuadrature = 0
    for (let i = 0; i < n; i++) {
      const left = tone[i]! - inPhase * Math.sin(angle(i)) - quadrature * Math.cos(angle(i))
      moreInPhase += (2 * left * Math.sin(angle(i))) / n
      moreQuadrature += (2 * left * Math.cos(angle(i))) / n
    }
    inPhase += moreInPhase
    quadrature += moreQuadrature
  }
  // A frequency off by f leaves 2πft (a cos − b sin): its slope in the residual.
  let slope = 0
  let square = 0
  let meanSquare = 0
  for (let i = 0; i < n; i++) {
    const left = tone[i]! - inPhase * Math.sin(angle(i)) - quadrature * Math.cos(angle(i))
    const t = (i - n / 2) / sampleRate
    const basis = 2 * Math.PI * t * (inPhase * Math.cos(angle(i)) - quadrature * Math.sin(angle(i)))
    slope += left * basis
    square += basis * basis
    meanSquare += (left * left) / n
  }
  return { inPhase, quadrature, hertzOff: slope / square, meanSquare }
}
