// What a room costs the machine it plays on, beside snapclient at the same moment and with the same audio:
// `npm run bench:room -- [--codecs opus,flac,pcm] [--rounds 5] [--seconds 30] [--settle 95] [--cards NAME,NAME]
// [--profile FOLDER]`.
//
// Real programs as people start them. `--cards` are two ALSA devices, the first for us; without them both play to nobody
// at the pace of the machine's clock. CPU is the whole process, as Linux accounts for it: seconds of it from its start to the
// first round, then the median of the rounds, the least and the greatest.
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { optionsOf } from '../options.mjs'
import { cpuSeconds, memory, threadSeconds, wakeUps } from '../server-load/process-cost.mjs'
import { writeProgramme } from '../server-load/programme.mjs'
import { startSnapserver, startTutti } from '../server-load/servers.mjs'
import { startSnapclient, startTuttiRoom } from './rooms.mjs'

const values = optionsOf(import.meta.url, {
  codecs: { type: 'string', default: 'opus,flac,pcm' },
  rounds: { type: 'string', default: '5' },
  /** Of each round: Linux counts CPU in hundredths of a second, and ten seconds of snapclient are fifty of them. */
  seconds: { type: 'string', default: '30' },
  /** From the start to the first round. Rooms play for hours; the dense probing of the start takes 90 s. */
  settle: { type: 'string', default: '95' },
  cards: { type: 'string' },
  /** Profile our room into this folder. */
  profile: { type: 'string' },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const [ourCard, theirCard] = values.cards?.split(',') ?? []

const folder = await mkdtemp(join(tmpdir(), 'tutti-room-cost-'))
try {
  const programme = await writeProgramme(join(folder, 'programme.wav'))
  const machine = `${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`
  print([`${machine}; ${rounds} rounds of ${seconds} s, ${values.settle} s after the start`, ''])
  print([
    row([
      'codec',
      'room',
      'CPU s at first',
      'CPU % of a core',
      'busiest threads %',
      'wakes a s',
      'MiB',
      'at most',
      'own / files',
      'load',
    ]),
    row(Array(10).fill('---')),
  ])
  for (const codec of values.codecs.split(',')) {
    const servers = [await startTutti(programme, folder), await startSnapserver(programme, folder, codec)]
    const players = [
      startTuttiRoom(servers[0].port, codec, ourCard, values.profile),
      startSnapclient(servers[1].port, theirCard),
    ]
    await setTimeout(Number(values.settle) * 1000)
    const [ours, theirs] = await measure(players)
    for (const { name, atFirst, cpu, threads, wakes, memory: taken } of [ours, theirs]) {
      const parts = [taken.anonymousMiB, taken.fileMiB].map((part) => part.toFixed(0)).join(' / ')
      const sizes = [taken.rssMiB.toFixed(0), taken.mostMiB.toFixed(0), parts]
      print([
        row([
          codec,
          name,
          atFirst.toFixed(2),
          spread(cpu),
          threads,
          wakes.toFixed(0),
          ...sizes,
          loadavg()[0].toFixed(1),
        ]),
      ])
    }
    const [atFirst, settled] = [ours.atFirst / theirs.atFirst, median(ours.cpu) / median(theirs.cpu)]
    print([row([codec, 'ours to theirs', atFirst.toFixed(2), settled.toFixed(2), ...Array(6).fill('')])])
    for (const { stop } of [...players, ...servers]) await stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** What each player costs in every round, the same rounds for all. */
async function measure(players) {
  const read = () =>
    players.map(({ pid }) => ({ cpu: cpuSeconds(pid), threads: threadSeconds(pid), wakes: wakeUps(pid) }))
  const readings = [read()]
  for (let round = 0; round < rounds; round++) {
    await setTimeout(seconds * 1000)
    readings.push(read())
  }
  return players.map(({ name, pid }, i) => {
    const of = readings.map((reading) => reading[i])
    const [first, last] = [of[0], of.at(-1)]
    const busiest = [...last.threads].map(([id, now]) => now - (first.threads.get(id) ?? 0)).sort((a, b) => b - a)
    return {
      name,
      atFirst: first.cpu,
      cpu: of.slice(1).map(({ cpu }, n) => (100 * (cpu - of[n].cpu)) / seconds),
      threads: busiest
        .slice(0, 3)
        .map((spent) => ((100 * spent) / (rounds * seconds)).toFixed(2))
        .join(' '),
      wakes: (last.wakes - first.wakes) / (rounds * seconds),
      memory: memory(pid),
    }
  })
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function spread(values) {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`
}

function row(cells) {
  return `| ${cells.join(' | ')} |`
}

function print(lines) {
  process.stdout.write(`${lines.join('\n')}\n`)
}
