/** Draws the figures of docs/sync-theory.md: `node packages/sim/dist/bench/theory-figures.js docs/figures`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { leftByDoublePole, leftOfRemoval, rateOfRemoval, steepestOfRemoval, toneSinadDb } from '../src/loop-theory.js'
import { drawFigure, type Point, palette } from '../src/plot.js'

const folder = process.argv[2]
if (folder === undefined || folder.startsWith('-')) {
  process.stderr.write('theory-figures: say into which folder, for example docs/figures\n')
  process.exit(1)
}

/** An error that is removed, as an example. */
const errorUs = 100
const seconds = 4

const along = (from: number, to: number, at: (x: number) => number): Point[] =>
  Array.from({ length: 121 }, (_, i) => {
    const x = from * (to / from) ** (i / 120)
    return [x, at(x)]
  })
const linear = (to: number, at: (x: number) => number): Point[] =>
  Array.from({ length: 201 }, (_, i) => [(i / 200) * to, at((i / 200) * to)])

writeFileSync(
  join(folder, 'rate-plan.svg'),
  drawFigure({
    title: 'How an error is removed',
    subtitle: `${errorUs} µs in ${seconds} s, and by a loop of two poles that bends the rate as much, ${steepestOfRemoval(errorUs, seconds)} ppm/s`,
    charts: [
      {
        width: 1,
        x: { label: 'time (s)', from: 0, to: 3 * seconds, scale: 'linear' },
        y: { label: 'error left (µs)', from: 0, to: 1.2 * errorUs, scale: 'linear' },
        marks: [
          { kind: 'line', name: 'planned', color: palette[0], points: linear(3 * seconds, left) },
          { kind: 'line', name: 'two poles', color: palette[1], points: linear(3 * seconds, leftByPoles) },
        ],
      },
      {
        width: 1,
        x: { label: 'time (s)', from: 0, to: 3 * seconds, scale: 'linear' },
        y: { label: 'rate above the known one (ppm)', from: 0, to: 50, scale: 'linear' },
        marks: [
          { kind: 'line', name: 'planned', color: palette[0], points: linear(3 * seconds, ratePpm) },
          { kind: 'line', name: 'two poles', color: palette[1], points: linear(3 * seconds, ratePpmOfPoles) },
        ],
      },
    ],
  }),
)

writeFileSync(
  join(folder, 'tone-purity.svg'),
  drawFigure({
    title: 'What a sloping rate does to a tone',
    subtitle: '1 kHz in windows of 0.5 s: signal over everything that is not the best-fitting sine',
    charts: [
      {
        width: 1,
        x: { label: 'slope of the rate (ppm/s)', from: 0.01, to: 10, scale: 'log' },
        y: { label: 'SINAD (dB)', from: 60, to: 130, scale: 'linear' },
        marks: [{ kind: 'line', color: palette[0], points: along(0.01, 10, (slope) => toneSinadDb(slope, 1000, 0.5)) }],
      },
    ],
  }),
)

function left(atS: number): number {
  return errorUs * leftOfRemoval(Math.min(1, atS / seconds))
}

function ratePpm(atS: number): number {
  return atS < seconds ? (errorUs / seconds) * rateOfRemoval(atS / seconds) : 0
}

function leftByPoles(atS: number): number {
  return errorUs * leftByDoublePole(atS, seconds)
}

function ratePpmOfPoles(atS: number): number {
  const dtS = 1e-3
  return (leftByPoles(atS) - leftByPoles(atS + dtS)) / dtS
}
