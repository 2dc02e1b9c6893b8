// What a server costs with 1, 100, 500 and 1000 rooms, ours and snapserver one after the other on the same machine, with
// the same audio: `npm run bench:server -- [--clients 1,100,500,1000] [--seconds 20] [--probes 1] [--servers tutti,snapserver]`.
// Real processes, real TCP on loopback. Everything runs on this machine, so look at its load before believing a latency.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { optionsOf } from '../options.mjs'
import { cpuSeconds, memory } from './process-cost.mjs'
import { writeProgramme } from './programme.mjs'
import { startSnapserver, startTutti } from './servers.mjs'

const values = optionsOf(import.meta.url, {
  clients: { type: 'string', default: '1,100,500,1000' },
  seconds: { type: 'string', default: '20' },
  /** Clock probes per client and second: ours go from 1 on a quiet path to 12 on a noisy one. */
  probes: { type: 'string', default: '1' },
  servers: { type: 'string', default: 'tutti,snapserver' },
})
const starters = { tutti: startTutti, snapserver: startSnapserver }
const counts = values.clients.split(',').map(Number)
const seconds = Number(values.seconds)
const probesPerS = Number(values.probes)
/** After the last client has its audio: the buffers sent ahead are filled. */
const settleMs = 6000

const columns = [
  ['server', ({ name }) => name],
  ['clients', ({ clients, connected }) => (connected === clients ? clients : `${connected} of ${clients}`)],
  ['CPU % of a core', ({ serverCpu }) => serverCpu.toFixed(1)],
  ['RSS MiB', ({ rssMiB }) => rssMiB.toFixed(0)],
  ['turnaround p50 / p99 ms', ({ turnaroundUs }) => `${ms(turnaroundUs.p50)} / ${ms(turnaroundUs.p99)}`],
  ['round trip p50 / p99 / max ms', ({ roundTripUs: { p50, p99, max } }) => `${ms(p50)} / ${ms(p99)} / ${ms(max)}`],
  ['last after first p50 / p99 ms', ({ fanOutUs }) => `${ms(fanOutUs.p50)} / ${ms(fanOutUs.p99)}`],
  ['least lead ms', ({ leastLeadUs }) => ms(leastLeadUs)],
  ['chunks a client and s', ({ chunks, clients, seconds }) => (chunks / clients / seconds).toFixed(1)],
  ['reads a client and s', ({ reads, clients, seconds }) => (reads / clients / seconds).toFixed(1)],
  ['crowd CPU %', ({ crowdCpu }) => crowdCpu.toFixed(0)],
  ['load', ({ load }) => load.toFixed(1)],
]

const folder = await mkdtemp(join(tmpdir(), 'tutti-server-load-'))
try {
  const programme = await writeProgramme(join(folder, 'programme.wav'))
  process.stdout.write(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}\n`,
  )
  process.stdout.write(
    `Opus 192 kbit/s in frames of 20 ms, ${probesPerS} clock probes a client and second, ${seconds} s each\n\n`,
  )
  process.stdout.write(`${row(columns.map(([title]) => title))}\n${row(columns.map(() => '---'))}\n`)
  for (const clients of counts) {
    for (const name of values.servers.split(',')) {
      const figures = await measure(name, clients, programme)
      process.stdout.write(`${row(columns.map(([, show]) => show(figures)))}\n`)
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(name, clients, programme) {
  const server = await starters[name](programme, folder)
  const crowd = fork(new URL('crowd.mjs', import.meta.url), [
    JSON.stringify({ protocol: server.protocol, port: server.port, clients, probesPerS }),
  ])
  try {
    await said(crowd, 'playing')
    await setTimeout(settleMs)
    const before = [cpuSeconds(server.pid), cpuSeconds(crowd.pid)]
    crowd.send('record')
    await setTimeout(seconds * 1000)
    const after = [cpuSeconds(server.pid), cpuSeconds(crowd.pid)]
    const { rssMiB } = memory(server.pid)
    crowd.send('report')
    const { figures } = await said(crowd, 'figures')
    const [serverCpu, crowdCpu] = after.map((spent, i) => (100 * (spent - before[i])) / seconds)
    return { name, clients, serverCpu, crowdCpu, rssMiB, seconds, load: loadavg()[0], ...figures }
  } finally {
    crowd.kill()
    await server.stop()
  }
}

async function said(child, type) {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the crowd has ended by itself')
  })
  for (;;) {
    const [message] = await Promise.race([once(child, 'message'), ended])
    if (message.type === type) return message
  }
}

function row(cells) {
  return `| ${cells.join(' | ')} |`
}

function ms(us) {
  return Number.isFinite(us) ? (us / 1000).toFixed(us < 10_000 ? 2 : 1) : '–'
}
