/**
 * The tables of docs/simulation.md: `node packages/sim/dist/bench/tables.js networks|mishaps|clocks`, with `--hours` and
 * `--seeds` as wanted. Deterministic: the same options print the same figures on any machine.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compareClocks } from '../src/comparison.js'
import { contenders } from '../src/contenders.js'
import { drawComparison } from '../src/figures.js'
import { simulate } from '../src/house.js'
import { type LinkPreset, linkPresets } from '../src/link-presets.js'
import type { Report } from '../src/report.js'
import { defaultScenario, type Fault } from '../src/scenario.js'
import { orUsage } from './usage.js'

const networks = Object.keys(linkPresets) as LinkPreset[]
const startS = 60
const mishapHours = 5 / 60
const mishaps: readonly { readonly what: string; readonly faults: readonly Fault[] }[] = [
  { what: 'server killed for 5 s, play pressed 1 s later', faults: [{ type: 'killServer', atS: startS, forS: 5 }] },
  { what: 'room frozen for 5 s', faults: [{ type: 'freezeRoom', room: 1, atS: startS, forS: 5 }] },
  { what: 'room killed and started again 5 s later', faults: [{ type: 'restartRoom', room: 1, atS: startS, forS: 5 }] },
  { what: 'room joins in mid-song', faults: [{ type: 'joinRoom', room: 1, atS: startS }] },
  {
    what: 'room asleep for 30 s, clock standing still',
    faults: [{ type: 'suspendRoom', room: 1, atS: startS, forS: 30 }],
  },
  { what: 'network lost for 3 s', faults: [{ type: 'loseNetwork', room: 1, atS: startS, forS: 3 }] },
  { what: 'network lost for 20 s', faults: [{ type: 'loseNetwork', room: 1, atS: startS, forS: 20 }] },
  { what: 'clock jumps by 1.5 s', faults: [{ type: 'stepClock', room: 1, atS: startS, byMs: 1500 }] },
  {
    what: 'clock slewed by 5 ppm for 60 s',
    faults: [{ type: 'slewClock', room: 1, atS: startS, forS: 60, ppm: 5 }],
  },
  {
    what: 'clock slewed by 500 ppm for 60 s',
    faults: [{ type: 'slewClock', room: 1, atS: startS, forS: 60, ppm: 500 }],
  },
  { what: 'sound card changed', faults: [{ type: 'changeCard', room: 1, atS: startS, card: 'i2s' }] },
]

const usage =
  'tables: say networks, mishaps or clocks; --hours (1) and --seeds (5) are positive, --plot a file for clocks'
const { values, hours, seeds, printTable } = orUsage(usage, () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hours: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '5' },
      plot: { type: 'string' },
    },
  })
  const [hours, count] = [Number(values.hours), Number(values.seeds)]
  const [table = 'no table'] = positionals
  const printTable = { networks: printNetworks, mishaps: printMishaps, clocks: printClocks }[table]
  if (printTable === undefined || !(hours > 0 && count >= 1))
    throw new Error(`cannot print ${table} of ${hours} h and ${count} seeds`)
  return { values, hours, seeds: Array.from({ length: count }, (_, i) => i + 1), printTable }
})
printTable()

function printNetworks(): void {
  printHeader(['network', 'spread p50', 'p99', 'max', 'error of a room p99', 'gaps', 'jumps'])
  for (const network of networks) {
    const reports = seeds.map((seed) => simulate({ ...defaultScenario, network, hours, seed }))
    const error = (report: Report): number => Math.max(...report.perRoomErrorUs.map(({ p99 }) => p99))
    print([
      network,
      range(reports, ({ spreadUs }) => spreadUs.p50),
      range(reports, ({ spreadUs }) => spreadUs.p99),
      range(reports, ({ spreadUs }) => spreadUs.max),
      range(reports, error),
      sum(reports, ({ gaps }) => gaps),
      sum(reports, ({ jumps }) => jumps),
    ])
  }
}

function printMishaps(): void {
  printHeader(['mishap', 'network', 'silences', 'longest (s)', 'jumps', 'out of step until (s)', 'spread p99'])
  for (const { what, faults } of mishaps) {
    for (const network of ['quiet-lan', 'home-wifi'] as const) {
      const reports = seeds.map((seed) => simulate({ ...defaultScenario, network, seed, faults, hours: mishapHours }))
      print([
        what,
        network,
        sum(reports, ({ gaps }) => gaps),
        span(reports.map(({ longestGapS }) => longestGapS.toFixed(1))),
        sum(reports, ({ jumps }) => jumps),
        span(reports.map(({ inStepSinceS }) => (inStepSinceS === undefined ? 'never' : since(inStepSinceS)))),
        range(reports, ({ spreadUs }) => spreadUs.p99),
      ])
    }
  }
}

/** Seconds after the mishap began; a dash if the rooms that sounded never were out of step. */
function since(inStepSinceS: number): string {
  return inStepSinceS <= startS ? '–' : (inStepSinceS - startS).toFixed(1)
}

function printClocks(): void {
  printHeader(['network', 'clock', 'first minute p50', 'p95', 'later p50', 'p99', 'max', 'probes per min'])
  for (const network of networks) {
    const rows = compareClocks(contenders, { network, hours, seeds, crystalPpm: defaultScenario.crystalPpm })
    for (const { contender, firstMinuteUs, laterUs, probesPerMinute } of rows) {
      const figures = [firstMinuteUs.p50, firstMinuteUs.p95, laterUs.p50, laterUs.p99, laterUs.max]
      print([network, contender, ...figures.map(duration), probesPerMinute.toFixed(0)])
    }
    if (values.plot !== undefined && network === 'home-wifi') writeFileSync(values.plot, drawComparison(rows))
  }
}

function printHeader(cells: readonly string[]): void {
  print(cells)
  print(cells.map((_, column) => (column === 0 ? '---' : '---:')))
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

function range(reports: readonly Report[], figure: (report: Report) => number): string {
  const figures = reports.map(figure)
  return between(duration(Math.min(...figures)), duration(Math.max(...figures)))
}

function sum(reports: readonly Report[], figure: (report: Report) => number): string {
  return String(reports.reduce((total, report) => total + figure(report), 0))
}

/** Least and most of figures written alike; a dash is less than any. */
function span(texts: readonly string[]): string {
  const sorted = texts.toSorted((a, b) => (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0))
  return between(sorted[0]!, sorted.at(-1)!)
}

function between(least: string, most: string): string {
  return least === most ? least : `${least} to ${most}`
}

function duration(us: number): string {
  return us < 1000 ? `${us.toFixed(us < 10 ? 1 : 0)} µs` : `${(us / 1000).toPrecision(3)} ms`
}
