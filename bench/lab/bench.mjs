#!/usr/bin/env node
// Measures Tutti and Snapcast side by side in the alignment lab and writes docs/benchmarks.md.
//
//   node bench/lab/bench.mjs --lab <folder> [--seconds 150] [--profiles lan,wifi-good]
//                           [--players tutti,tutti-default,tutti-live,snapcast,snapcast-live]
//                           [--clocks true,skewed] [--times 1] [--runs <folder>] [--write]
//
// Needs what the lab needs (root, namespaces, its packages) and a built tree. Runs that are already in --runs are kept,
// so an interrupted bench goes on where it was; --fresh measures all again, --times does so many times, and --write only
// writes the page of what was kept.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { optionsOf } from '../options.mjs'
import {
  cardsPpm,
  hasResult,
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
    seconds: { type: 'string', default: '150' },
    profiles: { type: 'string', default: 'lan,wifi-good,wifi-busy,wifi-bad,asymmetric,roam' },
    players: { type: 'string', default: 'tutti,tutti-default,tutti-live,snapcast,snapcast-live' },
    clocks: { type: 'string', default: 'true,skewed' },
    runs: { type: 'string', default: 'bench/lab/runs' },
    fresh: { type: 'boolean', default: false },
    times: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
  ['lab'],
)

const skews = values.clocks.split(',').map((clocks) => (clocks === 'skewed' ? skewPpm : undefined))
/**
 * A second from source to ear, as with Snapcast's buffer; on a path where that is too little with the buffer rooms choose by
 * themselves; and with the least latency they find to be safe.
 */
const players = {
  tutti: {
    name: 'tutti',
    script: tutti,
    profiles: /^(?!wifi-bad)/,
    options: ['--opt', 'latency=measured', '--opt', 'total=1050'],
  },
  'tutti-default': {
    name: 'tutti, default buffer',
    script: tutti,
    profiles: /^wifi-bad$/,
    options: ['--opt', 'buffer=measured'],
  },
  'tutti-live': {
    name: 'tutti, live with the defaults, but PCM, for 150 s',
    script: tutti,
    seconds: '150',
    profiles: /^(lan|wifi-good)$/,
    options: [...oneAfterTheOther, '--opt', 'buffer=measured', '--opt', 'codec=pcm', '--opt', 'latency=measured'],
  },
  snapcast: { name: 'snapcast', script: 'snapcast', profiles: /./ },
  'snapcast-live': {
    name: 'snapcast, 100 ms buffer, PCM, for 150 s',
    script: 'snapcast',
    seconds: '150',
    profiles: /^(lan|wifi-good)$/,
    options: [
      ...oneAfterTheOther,
      '--opt',
      'buffer=100',
      '--opt',
      'codec=pcm',
      '--opt',
      'chunk=10',
      '--opt',
      'pcmbuf=40',
    ],
  },
}

/** Every run of the table: a profile with true and with skewed system clocks, for each player. */
function plan() {
  const runs = []
  for (const player of values.players.split(','))
    for (const profile of values.profiles.split(','))
      for (const sysppm of skews)
        for (let time = 1; time <= Number(values.times); time++)
          if (players[player].profiles.test(profile)) runs.push({ profile, sysppm, player, time })
  return values.write ? runs.filter((run) => hasResult(folderOf(run))) : runs
}

const folderOf = ({ profile, sysppm, player, time }) =>
  resolve(root, values.runs, `${profile}${sysppm ? '-skewed' : ''}-${player}${time > 1 ? `-${time}` : ''}`)

function measure(run) {
  const { profile, sysppm, player } = run
  const out = folderOf(run)
  const { script, seconds = values.seconds, options: own = [] } = players[player]
  const options = ['--clients', '4', '--profile', profile, '--seconds', seconds, '--ppm', cardsPpm, ...own]
  if (sysppm) options.push('--sysppm', sysppm)
  return runLab({ lab: values.lab, player: script, options, out, fresh: values.fresh })
}

const worst = (list, key) =>
  list.some((one) => one[key] === null) ? 'never' : `${Math.max(...list.map((one) => one[key])).toFixed(1)} s`

/** How far the first sound of any room was from the others, ms; undefined if one was never heard beside them. */
const furthest = (list) =>
  list.some((one) => one.first_offset_ms === null)
    ? undefined
    : Math.max(...list.map((one) => Math.abs(one.first_offset_ms)))

/** The widest bound of their own error that rooms gave last, in ms; undefined of players that give none. */
function boundOf(run, rooms) {
  const last = Array.from({ length: rooms }, (_, i) => {
    const log = readFileSync(join(folderOf(run), `client${i + 1}.log`), 'utf8')
    return [...log.matchAll(/"heardOffsetErrorBoundUs":([\d.]+)/g)].at(-1)?.[1]
  }).filter((us) => us !== undefined)
  return last.length ? Math.max(...last.map(Number)) / 1000 : undefined
}

function row(run, { meta, result }) {
  const { profile, sysppm, player, time } = run
  const { inter_client: apart, clients } = result
  const usage = Object.entries(meta.usage)
  const rooms = usage.filter(([name]) => name.startsWith('client')).map(([, one]) => one)
  const gaps = clients.reduce((sum, one) => sum + one.gaps, 0)
  const silence = Math.max(...clients.map((one) => one.gap_longest_ms))
  return [
    `${profile}${sysppm ? ', skewed' : ''}${time > 1 ? `, run ${time}` : ''}`,
    players[player].name,
    apart ? [apart.median_ms, apart.p99_ms, apart.max_ms].map(us).join(' / ') : '–',
    result.latency_ms === null ? '–' : `${Math.round(result.latency_ms)} ms`,
    gaps === 0 ? '0' : `${gaps}, longest ${(silence / 1000).toFixed(2)} s`,
    `${worst(clients, 'first_audio_s')}, ${us(furthest(clients))}`,
    worst(clients, 'sync_1ms_s'),
    us(boundOf(run, clients.length)),
    toneOf(clients),
    Math.max(...clients.map((one) => one.slips_per_min ?? 0)).toFixed(1),
    `${(100 * (meta.usage.server?.cpu ?? 0)).toFixed(1)} / ${(100 * Math.max(...rooms.map((one) => one.cpu))).toFixed(1)}`,
    `${Math.round(meta.usage.server?.rss_max_mib ?? 0)} / ${Math.round(Math.max(...rooms.map((one) => one.rss_max_mib)))}`,
    loadOf(meta),
  ]
}

const head = [
  'network',
  'player',
  'apart: median / p99 / max',
  'source to ear',
  'gaps',
  'first sound after, off by',
  'in step (1 ms) after',
  'bound the rooms give of their own error',
  'tone SINAD dB best / worst',
  'slips a minute',
  'CPU % server / room',
  'MiB server / room',
  'machine: cores busy, worst stall',
]

const rows = []
for (const run of plan()) {
  console.log(`${run.profile}${run.sysppm ? `, system clocks ${run.sysppm} ppm` : ''}: ${run.player}`)
  rows.push(row(run, measure(run)))
}
const table = tableOf(head, rows)
const text = `# Alignment in the lab

Written by \`npm run bench:lab -- --lab <folder>\`; do not edit. ${machine()}.

Four rooms on one machine, each in a network namespace of its own with an impaired path to the server, a clock of its own and a
virtual sound card whose crystal is off by ${cardsPpm} ppm. What left each card is compared with the source, so the figures are what
would be heard, not what the players believe. "Skewed": the rooms' system clocks run ${skewPpm} ppm fast besides. Figures run
from 10 s after the later of two rooms joined (the last joins at 15 s; "after" counts from a room's start, of the room that took longest) to the end at ${values.seconds} s. A lossless tone reads 84 dB.
On roam one room has no network for 0.6 s at 40 s and for 4 s at 75 s: a silence of seconds is the second's, any other the first's, the slips are
the edges of silences, and how far apart rooms are counts from the first half second after them. Gaps are those of all four rooms.
Of 12 ms by which ways there and back differ (asymmetric) each room is wrong by 6, which nobody can measure: the bound has to contain it.
"Source to ear" counts from when the lab wrote a sample: 10 ms of them at a time,
when the first of them is due. Three rooms start within a second; where they play live, with hardly more held than they need, at 1, 5 and 9 s, because
on two cores rooms that start hold each other up, as rooms with computers of their own do not. From source to ear it is about a second for both, unless it says otherwise.
"Off by" is how far the first sound was from the other rooms; a live source's first room is alone then, and is compared with what its lead grew to.
CPU is percent of one core. Every room of a table shares the machine's cores, some runs were made two at a time, and each line is one run: judge no single maximum.
Rooms of Tutti are started with --single-threaded-gc, because real-time threads of four rooms on two cores would keep each other's helpers from
running.

${table}
`
mkdirSync(join(root, 'docs'), { recursive: true })
writeFileSync(join(root, 'docs/benchmarks.md'), text)
console.log(table)
