// What the benches of the lab share: running it, and writing what came of it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const tutti = join(root, 'bench/lab/tutti.sh')

/** How far the cards of four rooms are off, and where clocks are skewed, their computers. */
export const cardsPpm = '60,-45,10,0'
export const skewPpm = '20,-20,5,0'
/**
 * For live rooms, which hold hardly more than they need: on two cores rooms that start within a second hold each other up, as
 * rooms with computers of their own do not.
 */
export const oneAfterTheOther = ['--join', '1,5,9,15']

export const hasResult = (out) => existsSync(join(out, 'result.json'))

/** `meta` and `result` of result.json, null where nothing was heard: Python writes NaN there. */
export const resultOf = (out) =>
  JSON.parse(readFileSync(join(out, 'result.json'), 'utf8').replaceAll(/\bNaN\b/g, 'null'))

/** Runs the lab unless `out` has the result of an earlier run; returns that result. */
export function runLab({ lab, player, options, out, fresh }) {
  if (fresh) rmSync(out, { recursive: true, force: true })
  if (!hasResult(out)) {
    mkdirSync(out, { recursive: true })
    const { status } = spawnSync(join(lab, 'lab'), ['run', '--player', player, ...options, '--out', out], {
      stdio: 'inherit',
    })
    if (status !== 0) throw new Error(`the lab failed: ${options.join(' ')}`)
  }
  return resultOf(out)
}

export const us = (ms) =>
  ms === undefined || ms === null ? '–' : ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms.toFixed(2)} ms`

/** The purest and the least pure tone of the rooms, dB. */
export function toneOf(clients) {
  const tone = clients.map(({ sinad_db }) => sinad_db?.median).filter((db) => db !== undefined)
  return tone.length ? `${Math.max(...tone).toFixed(1)} / ${Math.min(...tone).toFixed(1)}` : '–'
}

/** How busy the machine was, and how long it stood still at worst. */
export const loadOf = ({ machine, stallwatch }) => `${machine.cpu_busy.toFixed(2)}, ${stallwatch.max_ms.toFixed(1)} ms`

export const tableOf = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

export const machine = () =>
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model.trim()}, Linux ${release()}, Node ${process.version}`
