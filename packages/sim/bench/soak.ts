/**
 * Days in simulated houses in which everything goes wrong: `npm run soak -- --hours 24 --rooms 8 --seeds 20`, or one of
 * them again with `--seed n`; with `--live` a line input plays, and not music from files. Runs a day on each core, prints a line for each when it is over, and ends with 1 if a bound
 * was broken. How far it is goes to stderr.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { SoakReport } from '../src/soak.js'
import type { SoakNews } from './soak-day.js'
import { orUsage } from './usage.js'

const usage =
  'soak: --hours is 0.1 or more, --rooms 2 to 64, --seeds how many days, --seed which one, --jobs how many at a time, --live of a line input'
const { hours, rooms, count, only, jobs, live } = orUsage(usage, readOptions)

const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [only]
/** Lines of failures for a day: the first says most. */
const mostLines = 10
const startedAt = performance.now()
const waiting = [...seeds]
/** Simulated hours of the days that are under way, by seed. */
const underWay = new Map<number, number>()
const failed: number[] = []
let done = 0

await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, runDays))
for (const seed of failed.sort((a, b) => a - b))
  process.stdout.write(`seed ${seed} failed; again: ${commandOf(seed)}\n`)
process.stdout.write(
  failed.length === 0 ? 'All bounds held.\n' : `${failed.length} of ${seeds.length} seeds broke a bound.\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1

/** One day after the other, until none is left. */
async function runDays(): Promise<void> {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    const report = await runDay(seed)
    underWay.delete(seed)
    done++
    tell(seed, report)
    showProgress()
  }
}

function runDay(seed: number): Promise<SoakReport> {
  underWay.set(seed, 0)
  const thread = new Worker(new URL('./soak-day.js', import.meta.url), { workerData: { hours, rooms, seed, live } })
  return new Promise((resolve, reject) => {
    thread.on('message', (news: SoakNews) => {
      if (news.type === 'done') return resolve(news.report)
      underWay.set(seed, news.hours)
      if (process.stderr.isTTY) showProgress()
    })
    thread.on('error', reject)
  })
}

function tell(seed: number, report: SoakReport): void {
  const { failures } = report
  const lines = [summary(seed, report)]
  for (const { atS, text } of failures.slice(0, mostLines)) lines.push(`  at ${atS} s: ${text}`)
  if (failures.length > mostLines) lines.push(`  and ${failures.length - mostLines} more`)
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  process.stdout.write(`${lines.join('\n')}\n`)
  if (failures.length > 0) failed.push(seed)
}

/** On a terminal one line that is written again and again, elsewhere a line for each day. */
function showProgress(): void {
  if (done === seeds.length) return
  let share = done / seeds.length
  for (const at of underWay.values()) share += at / hours / seeds.length
  if (share === 0) return
  const leftS = ((performance.now() - startedAt) / 1000) * (1 / share - 1)
  const left = leftS < 90 ? `${Math.ceil(leftS)} s` : `${Math.ceil(leftS / 60)} min`
  const text = `${done} of ${seeds.length} days over, ${failed.length} failed; about ${left} left`
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
}

function commandOf(seed: number): string {
  return `npm run soak -- --hours ${hours} --rooms ${rooms} --seed ${seed}${live ? ' --live' : ''}`
}

function readOptions() {
  const text = (fallback?: string) => ({ type: 'string', ...(fallback ? { default: fallback } : {}) }) as const
  const { values } = parseArgs({
    options: {
      hours: text('1'),
      rooms: text('4'),
      seeds: text('5'),
      seed: text(),
      jobs: text(String(availableParallelism())),
      live: { type: 'boolean', default: false },
    },
  })
  const only = values.seed === undefined ? undefined : Number(values.seed)
  const [hours, rooms, count, jobs] = [values.hours, values.rooms, values.seeds, values.jobs].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const isSound =
    hours >= 0.1 &&
    rooms >= 2 &&
    rooms <= 64 &&
    count >= 1 &&
    jobs >= 1 &&
    (only === undefined || (only >= 0 && Number.isInteger(only)))
  if (!isSound) throw new Error(`no ${count} days of ${hours} h with ${rooms} rooms`)
  return { hours, rooms, count, jobs, live: values.live, only }
}

function summary(seed: number, report: SoakReport): string {
  const { scenario, faults, recoveryS, calmUs, lapsedShare, bufferedMs, leastBufferedMs, failures } = report
  const { network, card } = scenario
  const figures = [
    `${faults} faults`,
    `in step again after ${recoveryS.p50.toFixed(1)} s (p50), ${recoveryS.max.toFixed(1)} s (max)`,
    `spread in between ${calmUs.p50.toFixed(0)} µs (p50), ${calmUs.p99.toFixed(0)} µs (p99), ${calmUs.max.toFixed(0)} µs (max)`,
    `something wrong for ${(100 * lapsedShare).toFixed(2)} % of that time`,
    `${leastBufferedMs === undefined ? '' : `${inS(leastBufferedMs)} to `}${inS(bufferedMs)} s buffered`,
  ]
  return `${failures.length === 0 ? 'ok  ' : 'FAIL'} seed ${seed}: ${network}, ${card}: ${figures.join('; ')}`
}

function inS(ms: number): string {
  return (ms / 1000).toFixed(1)
}
