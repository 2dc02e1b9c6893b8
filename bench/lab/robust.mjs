#!/usr/bin/env node
// Measures what sound cards and computers do to rooms, in the alignment lab, and writes docs/robustness.md.
//
//   node bench/lab/robust.mjs --lab <folder> [--cases positions,buffers,…] [--runs <folder>] [--fresh]
//
// Needs what the lab needs (root, namespaces, its packages), a built tree, and the lab with bench/lab/lab.patch (patch -p1):
// a card that guesses its delay, clocks that are slewed and stepped, and tones judged up to the end of the programme only.
// Runs that are already in --runs are kept; the
// page is written of all cases that have one.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { optionsOf } from '../options.mjs'
import { cardsPpm, hasResult, machine, resultOf, root, runLab, skewPpm, tableOf, tutti, us } from './lab.mjs'

const values = optionsOf(
  import.meta.url,
  {
    lab: { type: 'string' },
    cases: { type: 'string' },
    runs: { type: 'string', default: 'bench/lab/runs' },
    fresh: { type: 'boolean', default: false },
  },
  ['lab'],
)

const card = (...rooms) => `card=${rooms.join('/')}`
// Fixed sizes are in frames of one format: 32 bit, so that the tone is not judged by the last of 16.
const buffer = (periodMs, bufferMs) => `format=S32_LE period_size=${periodMs * 48} buffer_size=${bufferMs * 48}`

/** Four rooms each, of which each may be of another kind; they join five seconds apart unless it says otherwise. */
const cases = [
  {
    name: 'positions',
    title: 'What cards report',
    rooms: ['exact to a frame', '48 frames at a time', '256 frames at a time', 'jitters by ±1 ms'],
    opt: [card('', 'granule=48', 'granule=256', 'delay_jitter_us=1000')],
  },
  {
    name: 'buffers',
    title: 'Periods and buffers',
    rooms: ['5 ms of 20 ms', '10 ms of 50 ms', '50 ms of 200 ms', '20 ms of 100 ms'],
    opt: [card(buffer(5, 20), buffer(10, 50), buffer(50, 200), buffer(20, 100))],
  },
  {
    name: 'hidden-delay',
    title: 'Delay behind the card',
    rooms: ['none', '20 ms, told (`--delay-ms 20`)', '150 ms, told', '20 ms, not told'],
    opt: [
      card('', 'hidden_latency_us=20000', 'hidden_latency_us=150000', 'hidden_latency_us=20000'),
      'delay=0/20/150/0',
      // Together with the delay the same for all, or the server would take its time to give more.
      'buffer=800/780/650/800',
    ],
  },
  {
    name: 'stops',
    title: 'Underruns, suspend, stalls of the event loop',
    rooms: ['nothing', 'stopped for 0.3 s at 25 s', 'stopped for 30 s at 25 s', 'stalls for 300 ms every second'],
    opt: ['stop=/25:0.3/25:30', 'busy=0/0/0/300'],
    seconds: 80,
    join: '1,2,3,4',
  },
  {
    name: 'clocks',
    title: 'NTP',
    rooms: ['nothing', 'slewed by 50 ppm for 20 s', 'slewed by 500 ppm for 10 s', 'time of day stepped by an hour'],
    opt: ['slew=/20:20:50/20:10:500/', 'step=///20:3600'],
    seconds: 75,
    join: '1,2,3,4',
  },
  {
    name: 'busy',
    title: 'A machine at 100 %: two processes beside the rooms compute without end, rooms at ordinary priority',
    rooms: ['exact to a frame', '48 frames at a time', 'exact to a frame', '48 frames at a time'],
    opt: [card('', 'granule=48', '', 'granule=48'), 'hogs=1/1/0/0'],
    flags: ['--no-rt'],
  },
  {
    name: 'skew',
    title: 'Crystals: cards of +200, −200, +100 and 0 ppm, computers of +20, −20, +5 and 0 ppm',
    rooms: ['+200, +20 ppm', '−200, −20 ppm', '+100, +5 ppm', '0, 0 ppm'],
    opt: [],
    flags: ['--ppm', '200,-200,100,0', '--sysppm', skewPpm],
  },
]

const head = [
  'room',
  'from the others: median / max',
  'first sound',
  'off by',
  'in step',
  'gaps',
  'jumps',
  'tone SINAD',
  'slips a minute',
]

const outOf = ({ name }) => resolve(root, values.runs, `robust-${name}`)

function measure(one) {
  const { opt, flags = [], seconds = 60, join: joins = '1,6,11,16' } = one
  const options = ['--clients', '4', '--profile', 'lan', '--seconds', String(seconds), '--join', joins]
  for (const option of opt) options.push('--opt', option)
  if (!flags.includes('--ppm')) options.push('--ppm', cardsPpm)
  return runLab({
    lab: values.lab,
    player: tutti,
    options: [...options, ...flags],
    out: outOf(one),
    fresh: values.fresh,
  })
}

const row = (
  what,
  {
    offset_to_others: apart,
    first_audio_s,
    first_offset_ms,
    sync_1ms_s,
    gaps,
    gap_longest_ms,
    jumps,
    sinad_db,
    slips_per_min,
  },
) => [
  what,
  apart ? `${us(apart.median_ms)} / ${us(apart.max_ms)}` : '–',
  first_audio_s === null ? 'never' : `${first_audio_s.toFixed(1)} s`,
  us(first_offset_ms && Math.abs(first_offset_ms)),
  sync_1ms_s === null ? 'never' : `${sync_1ms_s.toFixed(1)} s`,
  gaps === 0 ? '0' : `${gaps}, longest ${(gap_longest_ms / 1000).toFixed(2)} s`,
  jumps,
  sinad_db ? `${sinad_db.median.toFixed(1)} dB` : '–',
  (slips_per_min ?? 0).toFixed(1),
]

function section(one) {
  const { meta, result } = resultOf(outOf(one))
  const rows = result.clients.map((client, i) => row(one.rooms[i], client))
  const load = `${meta.date.slice(0, 16)}; cores busy ${meta.machine.cpu_busy.toFixed(2)} of ${meta.machine.cores}, worst stall of the machine ${meta.stallwatch.max_ms.toFixed(0)} ms.`
  return `## ${one.title}\n\n${tableOf(head, rows)}\n\n${load}`
}

const wanted = values.cases?.split(',') ?? cases.map(({ name }) => name)
for (const one of cases.filter(({ name }) => wanted.includes(name))) {
  console.log(one.title)
  measure(one)
}
const sections = cases.filter((one) => hasResult(outOf(one))).map(section)
const text = `# What cards and computers do to a room

Written by \`npm run bench:robust -- --lab <folder>\`; do not edit. ${machine()}.

Four rooms on one machine, lan, FLAC, a buffer of 0.8 s, cards of +60, −45, +10 and 0 ppm unless it says otherwise; each case is one
run of a minute or so. "From the others" is the distance of what a room's card truly plays from the median of the other rooms, in
windows of 0.1 s from 10 s after it joined; "first sound" and "in step" (within 1 ms of the others, for a second) count from the start of
the process and include the 0.8 s of buffer; "off by" is the distance from the others when it was first heard. The first
room has no others yet and is compared with its own later delay, which moves while the lead of a live source is bent (up to 2 ms a second; it costs
the tone 1 to 2 dB meanwhile). A lossless tone reads 84 dB. The rooms share the cores with each other and the server: a silence of all of them at once is the server's.
The same in simulation, with bounds: \`test/scenarios/cards.test.ts\`.

${sections.join('\n\n')}
`
writeFileSync(join(root, 'docs/robustness.md'), text)
console.log(text)
