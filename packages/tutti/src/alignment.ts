/**
 * How far apart two recordings of the same programme are, and whether they drift apart.
 *
 * One place is searched for widely; from there the recordings are compared second by second, each time around where
 * the last comparison found them. Offset and drift are those of a line through all comparisons (Theil-Sen: the median of
 * the slopes between all pairs, which a third of wrong points cannot move far).
 */
import { findPattern, slopeCentroid } from './correlation.js'

export interface Alignment {
  /** How much later the second recording has what the first has, at the middle of the comparisons, µs. */
  readonly offsetUs: number
  /** How fast it falls further behind, ppm; positive: the second recording runs slower. */
  readonly driftPpm: number
  /** Median of the normalised correlations, 0 to 1. */
  readonly correlation: number
  /** Distance of single comparisons from the line, µs. */
  readonly deviationUs: { readonly p50: number; readonly p95: number; readonly max: number }
  /** Seconds compared, and seconds that could not be: silent, not alike, or at an edge that only one recording has. */
  readonly comparedS: number
  readonly skippedS: number
  /** Silences of 4 ms and more in the second recording while the first is heard. */
  readonly gaps: number
}

export interface AlignmentOptions {
  /** Largest offset looked for, either way, seconds. */
  readonly searchS: number
}

const windowS = 1
/** How far around the expected place each window is looked for. */
const reachS = 0.02
const coarseS = 4
/** The coarse search looks at every n-th sample of a low-passed signal. */
const decimation = 8
/** Quieter than −60 dB of full scale is silence to the comparison. */
const silenceRms = 1e-3
/** Windows less alike than this say nothing. */
const leastCorrelation = 0.5
const gapS = 0.004

interface Comparison {
  /** Where the energy of the window's slopes is centred in the first recording, seconds: the instant its offset speaks of. */
  readonly atS: number
  readonly offsetS: number
  readonly correlation: number
}

/** Both recordings mono, of one sample rate (Hz). Undefined when nothing of the first was found in the second. */
export function alignRecordings(
  first: Float32Array,
  second: Float32Array,
  sampleRate: number,
  { searchS }: AlignmentOptions,
): Alignment | undefined {
  const start = findStart(first, second, sampleRate, searchS)
  if (!start) return undefined
  const comparisons = compareWindows(first, second, sampleRate, start)
  if (comparisons.length === 0) return undefined

  const { offsetS, slope, middleS } = fitLine(comparisons)
  const deviations = comparisons
    .map((each) => Math.abs(each.offsetS - offsetS - slope * (each.atS - middleS)) * 1e6)
    .sort((a, b) => a - b)
  const windows = Math.floor(first.length / (windowS * sampleRate))
  return {
    offsetUs: offsetS * 1e6,
    driftPpm: slope * 1e6,
    correlation: median(comparisons.map(({ correlation }) => correlation)),
    deviationUs: { p50: quantile(deviations, 0.5), p95: quantile(deviations, 0.95), max: deviations.at(-1)! },
    comparedS: comparisons.length * windowS,
    skippedS: (windows - comparisons.length) * windowS,
    gaps: countGaps(first, second, sampleRate, (atS) => offsetS + slope * (atS - middleS)),
  }
}

/** Where in time, and how far apart: the best of the loudest stretches of each third of the first recording. */
function findStart(
  first: Float32Array,
  second: Float32Array,
  sampleRate: number,
  searchS: number,
): { readonly atS: number; readonly offsetS: number } | undefined {
  const rate = sampleRate / decimation
  const coarseFirst = decimate(first)
  const coarseSecond = decimate(second)
  const length = Math.min(Math.round(coarseS * rate), coarseFirst.length, coarseSecond.length)
  let best: { atS: number; offsetS: number; correlation: number } | undefined
  for (const at of loudestOfThirds(coarseFirst, length)) {
    const from = Math.max(0, Math.round(at - searchS * rate))
    const to = Math.min(coarseSecond.length, Math.round(at + length + searchS * rate))
    if (to - from < length) continue
    const match = findPattern(coarseFirst.subarray(at, at + length), coarseSecond.subarray(from, to))
    if (!match || match.correlation < 0.1 || match.correlation <= (best?.correlation ?? 0)) continue
    best = {
      atS: (at + length / 2) / rate,
      offsetS: (from + match.position - at) / rate,
      correlation: match.correlation,
    }
  }
  return best
}

/** Compares forwards and backwards from the start, so that the search can follow a drift. */
function compareWindows(
  first: Float32Array,
  second: Float32Array,
  sampleRate: number,
  start: { readonly atS: number; readonly offsetS: number },
): readonly Comparison[] {
  const frames = Math.round(windowS * sampleRate)
  const reach = Math.round(reachS * sampleRate)
  const windows = Math.floor(first.length / frames)
  const comparisons: Comparison[] = []

  const walk = (from: number, step: 1 | -1): void => {
    let expectedS = start.offsetS
    for (let index = from; index >= 0 && index < windows; index += step) {
      const at = index * frames
      const place = Math.round(at + expectedS * sampleRate) - reach
      if (place < 0 || place + frames + 2 * reach > second.length) continue
      const pattern = first.subarray(at, at + frames)
      if (rms(pattern) < silenceRms) continue
      const match = findPattern(pattern, second.subarray(place, place + frames + 2 * reach))
      if (!match || match.correlation < leastCorrelation) continue
      const offsetS = (place + match.position - at) / sampleRate
      comparisons.push({ atS: (at + slopeCentroid(pattern)) / sampleRate, offsetS, correlation: match.correlation })
      expectedS = offsetS
    }
  }
  const middle = Math.min(windows - 1, Math.floor(start.atS / windowS))
  walk(middle, 1)
  walk(middle - 1, -1)
  return comparisons.sort((a, b) => a.atS - b.atS)
}

/** Through the medians; the slope is the median of the slopes between points at least a quarter of the whole apart. */
function fitLine(points: readonly Comparison[]): { offsetS: number; slope: number; middleS: number } {
  const middleS = (points[0]!.atS + points.at(-1)!.atS) / 2
  const apart = Math.max(1, Math.floor(points.length / 4))
  const slopes: number[] = []
  for (let i = 0; i < points.length; i++) {
    for (let j = i + apart; j < points.length; j++) {
      slopes.push((points[j]!.offsetS - points[i]!.offsetS) / (points[j]!.atS - points[i]!.atS))
    }
  }
  const slope = slopes.length > 0 ? median(slopes) : 0
  const offsetS = median(points.map((point) => point.offsetS - slope * (point.atS - middleS)))
  return { offsetS, slope, middleS }
}

function countGaps(
  first: Float32Array,
  second: Float32Array,
  sampleRate: number,
  offsetAt: (atS: number) => number,
): number {
  const shortest = Math.round(gapS * sampleRate)
  let gaps = 0
  let silent = 0
  for (let i = 0; i <= second.length; i++) {
    if (i < second.length && Math.abs(second[i]!) < silenceRms / 10) {
      silent++
      continue
    }
    // The last sample of the file is no end of a gap: whatever follows was not recorded.
    if (silent >= shortest && silent < i && i < second.length) {
      const from = i - silent
      const there = Math.round(from - offsetAt(from / sampleRate) * sampleRate)
      if (there >= 0 && rms(first.subarray(there, there + silent)) >= silenceRms) gaps++
    }
    silent = 0
  }
  return gaps
}

/** A moving average over `decimation` samples, taken at every `decimation`-th. */
function decimate(samples: Float32Array): Float32Array {
  const coarse = new Float32Array(Math.floor(samples.length / decimation))
  for (let i = 0; i < coarse.length; i++) {
    let sum = 0
    for (let j = 0; j < decimation; j++) sum += samples[i * decimation + j]!
    coarse[i] = sum / decimation
  }
  return coarse
}

function loudestOfThirds(samples: Float32Array, length: number): readonly number[] {
  const third = Math.floor(samples.length / 3)
  const hop = Math.max(1, Math.floor(length / 4))
  return [0, 1, 2].flatMap((part) => {
    const last = Math.min((part + 1) * third, samples.length) - length
    let best = -1
    let loudest = silenceRms / 10
    for (let at = part * third; at <= Math.max(last, part * third) && at + length <= samples.length; at += hop) {
      const loudness = rms(samples.subarray(at, at + length))
      if (loudness > loudest) {
        loudest = loudness
        best = at
      }
    }
    return best < 0 ? [] : [best]
  })
}

/** 0 of nothing. */
function rms(samples: Float32Array): number {
  if (samples.length === 0) return 0
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

/** Of sorted values, at least one. */
function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1)
  const below = Math.floor(place)
  return sorted[below]! + (sorted[Math.min(below + 1, sorted.length - 1)]! - sorted[below]!) * (place - below)
}
