/**
 * Ways to play in step, side by side in simulated houses: `npm run bench:rivals`, with `-- --hours 1 --seeds 4` as
 * wanted. Prints a Markdown table. Deterministic: the same options print the same figures on any machine.
 */
import { parseArgs } from 'node:util'
import { ordinaryCrystal } from '../src/crystal.js'
import type { LinkPreset } from '../src/link-presets.js'
import { compareRivals, type RivalRow } from '../src/rivals/rival-comparison.js'
import { rivals } from '../src/rivals/rivals.js'
import { orUsage } from './usage.js'

const networks: readonly LinkPreset[] = ['quiet-lan', 'home-wifi', 'busy-wifi', 'edge-of-range']
/** As in the lab: computers and sound cards of four rooms, ppm. */
const cpuPpm = [20, -20, 5, 0]
const cardPpm = [60, -45, 10, 0]
/** Until a median over 200 s has seen nothing but the steady state. */
const warmUpS = 240

const usage = 'bench:rivals: --hours (0.5) is a number from 0.1 to 1000, --seeds (2) how many houses to hear'
const { hours, seeds } = orUsage(usage, () => {
  const { values } = parseArgs({
    options: { hours: { type: 'string', default: '0.5' }, seeds: { type: 'string', default: '2' } },
  })
  const [hours, count] = [Number(values.hours), Number(values.seeds)]
  if (!(hours >= 0.1 && hours <= 1000 && count >= 1))
    throw new Error(`not ${values.hours} hours of ${values.seeds} houses`)
  return { hours, seeds: Array.from({ length: count }, (_, i) => i + 1) }
})

const lines = [
  `${cpuPpm.length} rooms, ${hours} h, seeds 1 to ${seeds.length}; computers ${cpuPpm.join(', ')} ppm, sound cards ${cardPpm.join(', ')} ppm. Spread from ${warmUpS} s after all rooms sound; breaks from the start.`,
  '',
  '| network | rival | spread p50 | p99 | max | samples cut per min | jumps per h | gaps per h | settled after |',
  '|---|---|---:|---:|---:|---:|---:|---:|---:|',
]
process.stdout.write(`${lines.join('\n')}\n`)
for (const network of networks) {
  for (const row of compareRivals(rivals, {
    network,
    hours,
    seeds,
    cpuPpm,
    cardPpm,
    crystal: ordinaryCrystal,
    warmUpS,
  }))
    process.stdout.write(`${written(row)}\n`)
}

function written({ network, rival, spreadUs, slipsPerMinute, jumpsPerHour, gapsPerHour, settleS }: RivalRow): string {
  const cells = [
    network,
    rival,
    duration(spreadUs.p50),
    duration(spreadUs.p99),
    duration(spreadUs.max),
    slipsPerMinute.toFixed(1),
    jumpsPerHour.toFixed(1),
    gapsPerHour.toFixed(1),
    settleS === undefined ? 'never' : `${settleS.toFixed(1)} s`,
  ]
  return `| ${cells.join(' | ')} |`
}

function duration(us: number): string {
  return us < 1000 ? `${us.toFixed(0)} µs` : `${(us / 1000).toFixed(2)} ms`
}
