#!/usr/bin/env node
// Finds how little of a live source each player can hold: the shortest latency, from source to ear, at which four rooms have no
// gap in 150 s. Writes docs/latency.md.
//
//   node bench/lab/latency.mjs --lab <folder> [--profiles lan,wifi-good] [--players tutti,snapcast] [--runs <folder>]
//
// Settings are tried from the shortest on. One that has gaps is given up after a first run of 40 s; one that has none is run
// for 150 s. Runs that are already in --runs are kept; --fresh measures all again.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { optionsOf } from '../options.mjs'
import {
  cardsPpm,
  loadOf,
  machine,
  oneAfterTheOther,
  root,
  runLab,
  skewPpm,
  tableOf,
  toneOf,
  tutti,
  us,
} from './lab.mjs'

const values = optionsOf(
  import.meta.url,
  {
    lab: { type: 'string' },
    profiles: { type: 'string', default: 'lan,wifi-good' },
    players: { type: 'string', default: 'tutti,snapcast' },
    runs: { type: 'string', default: 'bench/lab/runs' },
    fresh: { type: 'boolean', default: false },
  },
  ['lab'],
)

const screenSeconds = 40
const seconds = 150

/**
 * What is tried, shortest first. Tutti: what rooms are told to buffer, and last what they choose by themselves. Snapcast: its
 * whole buffer, with the shortest chunks and card buffers that work.
 */
const players = {
  tutti: {
    script: tutti,
    starts: oneAfterTheOther,
    settings: {
      lan: [fixed(20), measured()],
      'wifi-good': [fixed(30), fixed(45), fixed(60), fixed(90), measured()],
    },
  },
  snapcast: {
    script: 'snapcast',
    starts: [],
    settings: {
      lan: [40, 60, 80, 100, 150].map(snapcast),
      'wifi-good': [100, 150, 200, 300].map(snapcast),
    },
  },
}

function fixed(buffer) {
  return { name: `buffer ${buffer} ms`, options: { codec: 'pcm', buffer, latency: 'measured' } }
}

function measured() {
  return { name: 'as measured', options: { codec: 'pcm', buffer: 'measured', latency: 'measured' } }
}

function snapcast(buffer) {
  return { name: `buffer ${buffer} ms`, options: { codec: 'pcm', buffer, chunk: 10, pcmbuf: 40 } }
}

function measure(profile, player, setting, forSeconds) {
  const { script, starts } = players[player]
  const name = `latency-${profile}-${player}-${setting.name.replaceAll(' ', '-')}-${forSeconds}`
  console.log(`${profile}: ${player}, ${setting.name}, ${forSeconds} s`)
  const own = Object.entries(setting.options).flatMap(([key, value]) => ['--opt', `${key}=${value}`])
  const options = ['--clients', '4', '--profile', profile, '--seconds', String(forSeconds)]
  options.push('--ppm', cardsPpm, '--sysppm', skewPpm, ...starts, ...own)
  return runLab({
    lab: values.lab,
    player: script,
    options,
    out: resolve(root, values.runs, name),
    fresh: values.fresh,
  })
}

/** Gaps of all rooms; a room that was never heard has had nothing else. */
const gapsOf = ({ result }) =>
  result.clients.reduce((sum, one) => sum + (one.segments ? one.gaps : Number.POSITIVE_INFINITY), 0)

/** The runs of one player on one network, up to the first that was long and had no gap. */
function* search(profile, player) {
  for (const setting of players[player].settings[profile]) {
    const screen = measure(profile, player, setting, screenSeconds)
    if (gapsOf(screen) > 0) {
      yield { profile, player, setting, forSeconds: screenSeconds, run: screen }
      continue
    }
    const run = measure(profile, player, setting, seconds)
    yield { profile, player, setting, forSeconds: seconds, run }
    if (gapsOf(run) === 0) return
  }
}

function row({ profile, player, setting, forSeconds, run }) {
  const { result, meta } = run
  const gaps = gapsOf(run)
  const longestMs = Math.max(...result.clients.map((one) => one.gap_longest_ms ?? 0))
  const atStalls = result.clients.reduce((sum, one) => sum + (one.gaps_at_stalls ?? 0), 0)
  return [
    profile,
    player,
    setting.name,
    `${forSeconds} s`,
    gaps === 0
      ? 'none'
      : gaps === Number.POSITIVE_INFINITY
        ? 'a room was not heard'
        : `${gaps}, longest ${Math.round(longestMs)} ms`,
    gaps === 0 ? '' : `${atStalls}`,
    result.latency_ms === null ? '–' : `${Math.round(result.latency_ms)} ms`,
    us(result.inter_client?.p99_ms),
    toneOf(result.clients),
    loadOf(meta),
  ]
}

const head = [
  'network',
  'player',
  'setting',
  'for',
  'gaps of four rooms',
  'of them while the machine stood still',
  'source to ear',
  'apart p99',
  'tone SINAD dB best / worst',
  'machine: cores busy, worst stall',
]

const rows = []
for (const profile of values.profiles.split(','))
  for (const player of values.players.split(',')) for (const one of search(profile, player)) rows.push(row(one))
const table = tableOf(head, rows)
writeFileSync(
  join(root, 'docs/latency.md'),
  `# How little can be held of a live source

Written by \`npm run bench:latency -- --lab <folder>\`; do not edit. ${machine()}.

Four rooms with skewed clocks and cards as in [benchmarks.md](benchmarks.md), PCM, live. For each player the settings are tried from
the shortest on, up to the first without a gap in ${seconds} s; one with gaps in its first ${screenSeconds} s is not run longer. "Source to ear" counts from
when the first sample of a lump of 10 ms is due, which is when the lab writes it. All rooms and the server share the machine's cores.
Rooms of Tutti start at 1, 5, 9 and 15 s, those of Snapcast at 1, 1.5, 2 and 15, which on two cores does not trouble so light a program.
"As measured" is what Tutti chooses by itself when nothing is set. Each line is one run.

${table}
`,
)
console.log(table)
