/**
 * The speed of a sound card's crystal against this computer's clock, from when the card says its frames are heard.
 *
 * What cards say jitters, seldom symmetrically and often in a pattern, so that neighbouring reports err alike. The test
 * is therefore cut into blocks, each stands for its median, and a straight line through those gives the speed; how far
 * they scatter about it gives its uncertainty (least squares; Student's t for the few degrees of freedom).
 */

export interface CrystalSpeed {
  /** Positive is fast. */
  readonly ppm: number
  /** Half the width of the interval that holds the true speed 95 % of the time. */
  readonly uncertaintyPpm: number
}

export interface HeardFrame {
  /** Frames since the card was started. */
  readonly frame: number
  /** When it is heard, by the computer's clock. */
  readonly heardAtUs: number
}

const blocks = 10
/** Two-sided 95 % point of Student's t with 8 degrees of freedom. */
const student = 2.306
const leastPerBlock = 10

/** Undefined for fewer than 100 reports. They are in order, and of one uninterrupted run. */
export function fitCrystal(reports: readonly HeardFrame[], sampleRate: number): CrystalSpeed | undefined {
  const size = Math.floor(reports.length / blocks)
  if (size < leastPerBlock) return undefined
  const [first] = reports as readonly [HeardFrame, ...HeardFrame[]]
  const nominalUs = ({ frame }: HeardFrame): number => ((frame - first.frame) * 1e6) / sampleRate
  const points = Array.from({ length: blocks }, (_, i) => {
    const block = reports.slice(i * size, (i + 1) * size)
    return {
      atUs: mean(block.map(nominalUs)),
      lagUs: median(block.map((report) => report.heardAtUs - first.heardAtUs - nominalUs(report))),
    }
  })
  const atMeanUs = mean(points.map(({ atUs }) => atUs))
  const lagMeanUs = mean(points.map(({ lagUs }) => lagUs))
  const spread = sum(points.map(({ atUs }) => (atUs - atMeanUs) ** 2))
  const slope = sum(points.map(({ atUs, lagUs }) => (atUs - atMeanUs) * (lagUs - lagMeanUs))) / spread
  const scatter = sum(points.map(({ atUs, lagUs }) => (lagUs - lagMeanUs - slope * (atUs - atMeanUs)) ** 2))
  const slopeError = Math.sqrt(scatter / (blocks - 2) / spread)
  // A fast card needs less time for the same frames.
  return { ppm: -1e6 * slope, uncertaintyPpm: student * 1e6 * slopeError }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
