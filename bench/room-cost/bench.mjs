/**
 * What a room costs the machine it plays on, beside snapclient at the same moment and with the same audio:
 * `npm run bench:room -- [--codecs opus,flac] [--seconds 30] [--cards NAME,NAME] [--profile FOLDER]`.
 *
 * Real programs as people start them. `--cards` are two ALSA devices, the first for us; without them both play to nobody
 * at the pace of the machine's clock. CPU is the whole process, as Linux accounts for it.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cpuSeconds, memory, threadSeconds } from '../server-load/process-cost.mjs'
import { writeProgramme } from '../server-load/programme.mjs'
import { startSnapserver, startTutti } from '../server-load/servers.mjs'
import { startSnapclient, startTuttiRoom } from './rooms.mjs'

const { values } = parseArgs({
  options: {
    codecs: { type: 'string', default: 'opus,flac' },
    seconds: { type: 'string', default: '30' },
    cards: { type: 'string' },
    /** Profile our room into this folder. */
    profile: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const [ourCard, theirCard] = values.cards?.split(',') ?? []
/** The dense probing of the start takes 15 s. */
const settleMs = 20_000

const folder = await mkdtemp(join(tmpdir(), 'tutti-room-cost-'))
try {
  const programme = await writeProgramme(join(folder, 'programme.wav'))
  print([`${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}, ${seconds} s each`, ''])
  print([
    row([
      'codec',
      'room',
      'CPU % of a core',
      'threads that use most %',
      'RSS MiB',
      'anonymous / files / shared',
      'load',
    ]),
    row(Array(7).fill('---')),
  ])
  for (const codec of values.codecs.split(',')) {
    const servers = [await startTutti(programme, folder), await startSnapserver(programme, folder, codec)]
    const rooms = [
      startTuttiRoom(servers[0].port, codec, ourCard, values.profile),
      startSnapclient(servers[1].port, theirCard),
    ]
    await setTimeout(settleMs)
    const before = rooms.map(({ pid }) => ({ cpu: cpuSeconds(pid), threads: threadSeconds(pid) }))
    await setTimeout(seconds * 1000)
    const costs = rooms.map(({ name, pid }, i) => ({ name, ...cost(pid, before[i]) }))
    for (const { name, cpu, threads, rssMiB, parts } of costs)
      print([row([codec, name, percent(cpu), threads, rssMiB.toFixed(0), parts, loadavg()[0].toFixed(1)])])
    const [ours, theirs] = costs
    print([row([codec, 'ours to theirs', (ours.cpu / theirs.cpu).toFixed(2), '', '', '', ''])])
    for (const { stop } of [...rooms, ...servers]) await stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

function cost(pid, before) {
  const spent = [...threadSeconds(pid)].map(([id, now]) => now - (before.threads.get(id) ?? 0))
  const { rssMiB, anonymousMiB, fileMiB, sharedMiB } = memory(pid)
  return {
    cpu: cpuSeconds(pid) - before.cpu,
    threads: spent
      .sort((a, b) => b - a)
      .slice(0, 4)
      .map(percent)
      .join(' '),
    rssMiB,
    parts: [anonymousMiB, fileMiB, sharedMiB].map((part) => part.toFixed(0)).join(' / '),
  }
}

function percent(spent) {
  return ((100 * spent) / seconds).toFixed(2)
}

function row(cells) {
  return `| ${cells.join(' | ')} |`
}

function print(lines) {
  process.stdout.write(`${lines.join('\n')}\n`)
}
