/**
 * How far apart two real rooms are heard, with cards at +100 and −100 ppm, over a minute: `npm run bench:rooms`.
 * In real time, so it measures the machine and what else runs on it as well.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { RealHouse } from '../end-to-end/real-house.js'

const settleS = 5
const measureS = 60
const targetUs = 200

const folder = await mkdtemp(join(tmpdir(), 'tutti-bench-'))
const house = await RealHouse.open(folder)
try {
  house.addRoom({ name: 'fast', crystalPpm: 100, clockPpm: -30 })
  house.addRoom({ name: 'slow', crystalPpm: -100, clockPpm: 25 })
  const heard = await house.hear(settleS + measureS, settleS + measureS + 60)
  const spreads = heard.slice(settleS * 10).toSorted((a, b) => a - b)
  const quantile = (p: number): string => `${spreads[Math.ceil(p * spreads.length) - 1]!.toFixed(1)} µs`
  const p99Us = spreads[Math.ceil(0.99 * spreads.length) - 1]!
  process.stdout.write(
    [
      `spread of two rooms at ${spreads.length} instants in ${measureS} s, from ${settleS} s after the first sound of both:`,
      `p50 ${quantile(0.5)}, p95 ${quantile(0.95)}, p99 ${quantile(0.99)}, at most ${quantile(1)}`,
      `target: p99 below ${targetUs} µs; ${p99Us < targetUs ? 'met' : 'missed'}. Load of the machine: ${loadavg()[0]!.toFixed(1)}`,
      '',
    ].join('\n'),
  )
  process.exitCode = p99Us < targetUs ? 0 : 1
} finally {
  await house.close()
  await rm(folder, { recursive: true, force: true })
}
