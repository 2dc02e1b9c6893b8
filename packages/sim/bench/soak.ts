/**
 * Days in simulated houses in which everything goes wrong: `npm run soak -- --hours 24 --rooms 8 --seeds 20`, or one of
 * them again with `--seed n`. Prints a line for each and ends with 1 if a bound was broken.
 */
import { parseArgs } from 'node:util'
import { type SoakReport, soak } from '../src/soak.js'

const usage = 'soak: --hours is 0.1 or more, --rooms 2 to 64, --seeds how many days, --seed which one\n'
const { hours, rooms, count, only } = readOptions()
if (!(hours >= 0.1 && rooms >= 2 && rooms <= 64 && count >= 1) || (only !== undefined && !(only >= 0))) {
  process.stderr.write(usage)
  process.exit(2)
}

const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [only]
/** Lines of failures for a day: the first says most. */
const mostLines = 10

let failed = 0
for (const seed of seeds) {
  const report = soak({ hours, rooms, seed })
  process.stdout.write(`${summary(seed, report)}\n`)
  const { failures } = report
  for (const { atS, text } of failures.slice(0, mostLines)) process.stdout.write(`  at ${atS} s: ${text}\n`)
  if (failures.length > mostLines) process.stdout.write(`  and ${failures.length - mostLines} more\n`)
  if (failures.length === 0) continue
  failed++
  process.stdout.write(`  again: npm run soak -- --hours ${hours} --rooms ${rooms} --seed ${seed}\n`)
}
process.stdout.write(failed === 0 ? 'All bounds held.\n' : `${failed} of ${seeds.length} seeds broke a bound.\n`)
process.exitCode = failed === 0 ? 0 : 1

function readOptions() {
  const text = (fallback?: string) => ({ type: 'string', ...(fallback ? { default: fallback } : {}) }) as const
  try {
    const { values } = parseArgs({
      options: { hours: text('1'), rooms: text('4'), seeds: text('5'), seed: text(), help: { type: 'boolean' } },
    })
    if (values.help) {
      process.stdout.write(usage)
      process.exit(0)
    }
    const only = values.seed === undefined ? undefined : Number(values.seed)
    return { hours: Number(values.hours), rooms: Number(values.rooms), count: Number(values.seeds), only }
  } catch (error) {
    process.stderr.write(`soak: ${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

function summary(seed: number, { scenario, faults, recoveryS, calmUs, bufferedMs, failures }: SoakReport): string {
  const { network, card } = scenario
  const figures = [
    `${faults} faults`,
    `in step again after ${recoveryS.p50.toFixed(1)} s (p50), ${recoveryS.max.toFixed(1)} s (max)`,
    `spread in between ${calmUs.p50.toFixed(0)} µs (p50), ${calmUs.p99.toFixed(0)} µs (p99), ${calmUs.max.toFixed(0)} µs (max)`,
    `at most ${(bufferedMs / 1000).toFixed(1)} s buffered`,
  ]
  return `${failures.length === 0 ? 'ok  ' : 'FAIL'} seed ${seed}: ${network}, ${card}: ${figures.join('; ')}`
}
