/** Draws the figures of docs/sync-theory.md: `node packages/sim/dist/bench/theory-figures.js docs/figures`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { margins, openLoop, toneSinadDb } from '../src/loop-theory.js'
import { drawFigure, type Point, palette } from '../src/plot.js'

const folder = process.argv[2]
if (folder === undefined || folder.startsWith('-')) {
  process.stderr.write('theory-figures: say into which folder, for example docs/figures\n')
  process.exit(1)
}

const calm = 0.15
const hurried = 3

const along = (from: number, to: number, at: (x: number) => number): Point[] =>
  Array.from({ length: 121 }, (_, i) => {
    const x = from * (to / from) ** (i / 120)
    return [x, at(x)]
  })
const linear = (to: number, at: (x: number) => number): Point[] =>
  Array.from({ length: 201 }, (_, i) => [(i / 200) * to, at((i / 200) * to)])

/** Remaining share of an error after `t` seconds. */
const left = (bandwidth: number, t: number): number => (1 + bandwidth * t) * Math.exp(-bandwidth * t)

const { phaseDeg } = margins(calm)
writeFileSync(
  join(folder, 'rate-loop.svg'),
  drawFigure({
    title: 'The rate loop',
    subtitle: `phase margin ${phaseDeg.toFixed(1)}° at every bandwidth; no gain makes it oscillate`,
    charts: [
      {
        width: 1,
        x: { label: 'frequency (rad/s)', from: 0.001, to: 10, scale: 'log' },
        y: { label: 'open-loop phase above −180° (degrees)', from: 0, to: 100, scale: 'linear' },
        marks: [
          { kind: 'line', name: 'calm, w = 0.15/s', color: palette[0], points: phase(calm) },
          { kind: 'line', name: 'hurried, w = 3/s', color: palette[1], points: phase(hurried) },
        ],
      },
      {
        width: 1,
        x: { label: 'time (s)', from: 0, to: 60, scale: 'linear' },
        y: { label: 'error left (%)', from: 0, to: 120, scale: 'linear' },
        marks: [
          {
            kind: 'line',
            name: 'of an error of up to 18 µs',
            color: palette[0],
            points: linear(60, (t) => 100 * left(calm, t)),
          },
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

function phase(bandwidth: number): Point[] {
  return along(0.001, 10, (radPerS) => 180 + openLoop(radPerS, bandwidth).phaseDeg)
}
