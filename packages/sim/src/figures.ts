/** Figures of what simulations found. */
import type { ComparisonRow } from './comparison.js'
import { type Bar, type Chart, drawFigure, type Mark, type Point, palette } from './plot.js'
import type { Report } from './report.js'
import type { SeriesPoint } from './spread-series.js'

const shades = ['#d4e2f0', '#93b5d8'] as const

/** How far apart the rooms were heard: over time, and how often how far. An SVG document. */
export function drawSpread(report: Report): string {
  const { rooms, hours, seed, network, spreadUs } = report
  const top = niceAbove(Math.max(...report.spreadOverTime.map(({ p99 }) => p99), 1))
  return drawFigure({
    title: `How far apart ${rooms} rooms are heard`,
    subtitle: `${network}, ${round(hours)} h of simulated time, seed ${seed}: median ${round(spreadUs.p50)} µs, p99 ${round(spreadUs.p99)} µs, most ${round(spreadUs.max)} µs`,
    charts: [overTime(report.spreadOverTime, hours, top), howOften(report)],
  })
}

/** How often each way to keep a clock was wrong by how much. An SVG document. */
export function drawComparison(rows: readonly ComparisonRow[]): string {
  const networks = [...new Set(rows.map(({ network }) => network))].join(', ')
  const lines = rows.map((row, i): Mark => {
    const color = palette[i % palette.length]!
    return { kind: 'line', name: row.contender, color, points: exceeded(row) }
  })
  return drawFigure({
    title: 'How wrong the idea of the server’s clock is',
    subtitle: `${networks}, after the first minute`,
    charts: [
      {
        width: 1,
        x: {
          label: 'error (µs)',
          from: 1,
          to: niceAbove(Math.max(...rows.map(({ laterUs }) => laterUs.max))),
          scale: 'log',
        },
        y: { label: 'time with a larger error (%)', from: 0.01, to: 100, scale: 'log' },
        marks: lines,
        legend: 'bottom left',
      },
    ],
  })
}

function overTime(series: readonly SeriesPoint[], hours: number, top: number): Chart {
  const unit = hours < 1 ? { label: 'time (min)', seconds: 60 } : { label: 'time (h)', seconds: 3600 }
  const points = (figure: (point: SeriesPoint) => number): Point[] =>
    series.map((point) => [point.atS / unit.seconds, figure(point)])
  const [p50, p95, p99] = [points((p) => p.p50), points((p) => p.p95), points((p) => p.p99)]
  return {
    width: 2,
    x: { label: unit.label, from: 0, to: (hours * 3600) / unit.seconds, scale: 'linear' },
    y: { label: 'spread (µs)', from: 0, to: top, scale: 'linear' },
    marks: [
      { kind: 'band', name: 'up to 99 %', color: shades[0], lower: p95, upper: p99 },
      { kind: 'band', name: 'up to 95 %', color: shades[1], lower: p50, upper: p95 },
      { kind: 'line', name: 'median', color: palette[0], points: p50 },
    ],
  }
}

/** Bars of equal width on a logarithmic axis, so that heights compare. */
function howOften({ spreadHistogram }: Report): Chart {
  const barsPerDecade = 20
  const total = spreadHistogram.reduce((sum, { count }) => sum + count, 0)
  const shares = new Map<number, number>()
  for (const { from, to, count } of spreadHistogram) {
    const bar = Math.floor(Math.log10(Math.max((from + to) / 2, 0.1)) * barsPerDecade)
    shares.set(bar, (shares.get(bar) ?? 0) + (100 * count) / total)
  }
  const bars = [...shares].map(
    ([bar, height]): Bar => ({ from: 10 ** (bar / barsPerDecade), to: 10 ** ((bar + 1) / barsPerDecade), height }),
  )
  const ends = bars.flatMap(({ from, to }) => [from, to])
  return {
    width: 1,
    x: {
      label: 'spread (µs)',
      from: 10 ** Math.floor(Math.log10(Math.min(...ends, 10))),
      to: 10 ** Math.ceil(Math.log10(Math.max(...ends, 100))),
      scale: 'log',
    },
    y: {
      label: 'share of time (%)',
      from: 0,
      to: niceAbove(Math.max(...bars.map(({ height }) => height), 1)),
      scale: 'linear',
    },
    marks: [{ kind: 'bars', color: palette[0], bars }],
  }
}

/** Points of the complementary distribution, in percent. */
function exceeded({ later }: ComparisonRow): Point[] {
  let above = later.count
  const points: Point[] = []
  for (const { to, count } of later.histogram()) {
    above -= count
    if (above > 0) points.push([to, (100 * above) / later.count])
  }
  return points
}

/** The next of 1, 2, 5, 10, 20, … */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((n) => n * power >= value) ?? 10) * power
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
