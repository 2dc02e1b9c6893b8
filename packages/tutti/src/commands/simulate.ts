/** `tutti simulate`: a day in a house, in seconds, with the code that plays in real ones. */
import { writeFile } from 'node:fs/promises'
import {
  type CardPreset,
  cardPresets,
  defaultScenario,
  drawSpread,
  House,
  type LinkPreset,
  linkPresets,
  type Report,
  type Scenario,
} from '@tutti/sim'
import { Command, InvalidArgumentError, Option } from 'commander'
import { Complaint } from '../complaint.js'
import { amount, wholeNumber } from '../option-values.js'
import { count, formatDuration, formatOffset } from '../quantity.js'

interface Options {
  readonly rooms: number
  readonly hours: number
  readonly network: LinkPreset
  readonly card: CardPreset
  readonly seed: number
  readonly plot?: string
  readonly table?: number
  readonly json?: boolean
}

interface Run {
  readonly report: Report
  readonly elapsedS: number
}

const defaultPlot = 'tutti-simulation.svg'
/** Simulated between two looks at the terminal. */
const stepS = 120
const barWidth = 40

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Play for hours in a simulated house, in seconds, and say how far apart the rooms were heard')
    .option('--rooms <n>', 'how many rooms', wholeNumber(2, 64), 4)
    .option('--hours <n>', 'how long, in hours', amount(0.05, 1000, 'hours'), 1)
    .addOption(
      new Option('--network <name>', 'the network between them').choices(Object.keys(linkPresets)).default('home-wifi'),
    )
    .addOption(
      new Option('--card <name>', "every room's sound card")
        .choices(Object.keys(cardPresets))
        .default(defaultScenario.card),
    )
    .option(
      '--seed <n>',
      'decides everything that is chance; the same seed gives the same result',
      wholeNumber(0, 2 ** 32),
      1,
    )
    .option('--plot <file>', `where to write the plot, as SVG (default: "${defaultPlot}", none with --json)`)
    .option('--table <n>', 'run seeds 1 to n instead, and print a Markdown table', wholeNumber(1, 1000))
    .option('--json', 'print one JSON object and nothing else')
    .addHelpText(
      'after',
      `
The real session, clock, buffer, playout and rate controller run in simulated
time, with crystals that drift and links that jitter, stall and lose packets.
Audio is counted, not rendered. Who measures knows the true time; who plays does
not.

Examples:
  $ tutti simulate --rooms 4 --hours 24 --network home-wifi --seed 7
  $ tutti simulate --network busy-wifi --table 10
  $ tutti simulate --hours 24 --json`,
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  if (options.table !== undefined && (options.json || options.plot)) {
    throw new InvalidArgumentError('--table prints a table only; leave out --json and --plot')
  }
  if (options.table !== undefined) {
    printTable(options, options.table)
    return
  }
  const done = simulate(scenarioOf(options, options.seed))
  const plot = options.plot ?? (options.json ? undefined : defaultPlot)
  if (plot !== undefined) await writePlot(plot, done.report)
  process.stdout.write(options.json ? asJson(done) : `${asText(done)}${plot ? `Plot: ${plot}\n` : ''}`)
}

function scenarioOf({ rooms, hours, network, card }: Options, seed: number): Scenario {
  return { ...defaultScenario, rooms, hours, network, card, seed }
}

function simulate(scenario: Scenario): Run {
  const startedAt = process.hrtime.bigint()
  const house = new House(scenario)
  const lengthS = scenario.hours * 3600
  for (let atS = 0; atS < lengthS; atS += stepS) {
    house.runUntil(Math.min(atS + stepS, lengthS))
    showProgress(scenario.seed, Math.min(1, (atS + stepS) / lengthS))
  }
  showProgress(scenario.seed, undefined)
  return { report: house.report(), elapsedS: Number(process.hrtime.bigint() - startedAt) / 1e9 }
}

/** On a terminal only; undefined wipes it away. */
function showProgress(seed: number, share: number | undefined): void {
  if (!process.stderr.isTTY) return
  const filled = Math.round((share ?? 0) * barWidth)
  const bar = `seed ${seed} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.round((share ?? 0) * 100)} %`
  process.stderr.write(share === undefined ? '\r\x1b[2K' : `\r${bar}`)
}

async function writePlot(path: string, report: Report): Promise<void> {
  await writeFile(path, drawSpread(report)).catch((error: Error) => {
    throw new Complaint(`cannot write the plot: ${error.message}; choose another place with --plot`)
  })
}

function asJson({ report, elapsedS }: Run): string {
  const { rooms, hours, seed, network, spreadUs, perRoomErrorUs, underruns, jumps, settleS } = report
  const facts = { rooms, hours, seed, network, spreadUs, perRoomErrorUs, underruns, jumps, settleS, elapsedS }
  return `${JSON.stringify(facts)}\n`
}

function asText({ report, elapsedS }: Run): string {
  const { rooms, hours, network, seed, spreadUs, perRoomErrorUs, underruns, starvations, gaps, jumps, settleS } = report
  return [
    `${count(rooms, 'room')}, ${hours} h of ${network}, seed ${seed}: simulated in ${elapsedS.toFixed(1)} s.`,
    `In step ${settleS.toFixed(1)} s after the first sound.`,
    '',
    'Spread, from the earliest to the latest room:',
    ...drawDistribution(report),
    '',
    `p50 ${formatDuration(spreadUs.p50)}, p95 ${formatDuration(spreadUs.p95)}, p99 ${formatDuration(spreadUs.p99)}, at most ${formatDuration(spreadUs.max)}`,
    ...perRoomErrorUs.map(
      ({ meanLateUs, p50, p99, max }, room) =>
        `room ${room + 1} against the schedule: ${formatOffset(meanLateUs)} on average, off by ${formatDuration(p50)} (p50), ${formatDuration(p99)} (p99), at most ${formatDuration(max)}`,
    ),
    `${count(underruns, 'underrun')}, ${count(starvations, 'starvation')}, ${count(gaps, 'gap')}, ${count(jumps, 'jump')}`,
    '',
  ].join('\n')
}

/** Shares of time in bands that double. */
function drawDistribution({ spreadHistogram }: Report): readonly string[] {
  const total = spreadHistogram.reduce((sum, bin) => sum + bin.count, 0)
  const bands = new Map<number, number>()
  for (const { from, to, count } of spreadHistogram) {
    const band = Math.max(0, Math.floor(Math.log2((from + to) / 2)))
    bands.set(band, (bands.get(band) ?? 0) + count)
  }
  const filled = [...bands.keys()]
  const lines: string[] = []
  for (let band = Math.min(...filled); band <= Math.max(...filled); band++) {
    const share = (bands.get(band) ?? 0) / total
    const bar = '#'.repeat(Math.round(share * barWidth))
    lines.push(
      `  below ${formatDuration(2 ** (band + 1)).padStart(8)} ${(share * 100).toFixed(2).padStart(6)} % ${bar}`.trimEnd(),
    )
  }
  return lines
}

function printTable(options: Options, seeds: number): void {
  const { rooms, hours, network } = options
  const header = ['seed', 'p50 µs', 'p95 µs', 'p99 µs', 'max µs', 'underruns', 'starvations', 'jumps', 'settled s']
  process.stdout.write(`${count(rooms, 'room')}, ${hours} h, ${network}\n\n`)
  printRow(header)
  printRow(header.map(() => '---:'))
  for (let seed = 1; seed <= seeds; seed++) {
    const { spreadUs, underruns, starvations, jumps, settleS } = simulate(scenarioOf(options, seed)).report
    const spreads = [spreadUs.p50, spreadUs.p95, spreadUs.p99, spreadUs.max].map((us) => us.toFixed(1))
    printRow([seed, ...spreads, underruns, starvations, jumps, settleS.toFixed(1)])
  }
}

function printRow(cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}
