/**
 * What a room costs the machine it plays on, by codec: `npm run bench:room -- [--codecs opus,flac,pcm] [--seconds 30]`.
 * A real room with its audio thread plays to nobody at the pace of the machine's clock. CPU is the whole process, as Linux
 * accounts for it; the part of the audio thread is shown too.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cpuSeconds, memory, threadSeconds } from '../server-load/process-cost.mjs'
import { writeProgramme } from '../server-load/programme.mjs'
import { startTutti } from '../server-load/servers.mjs'

const { values } = parseArgs({
  options: {
    codecs: { type: 'string', default: 'opus,flac,pcm' },
    seconds: { type: 'string', default: '30' },
    /** Profile the room into this folder. */
    profile: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
/** The dense probing of the start takes 15 s. */
const settleMs = 20_000

const folder = await mkdtemp(join(tmpdir(), 'tutti-room-cost-'))
try {
  const server = await startTutti(await writeProgramme(join(folder, 'programme.wav')), folder)
  process.stdout.write(
    `${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}, ${seconds} s each\n\n`,
  )
  process.stdout.write(
    '| codec | CPU % of a core | threads that use most % | RSS MiB | of it anonymous / files / shared | load |\n',
  )
  process.stdout.write('| --- | --- | --- | --- | --- | --- |\n')
  for (const codec of values.codecs.split(',')) await measure(codec, `ws://127.0.0.1:${server.port}/sendspin`)
  await server.stop()
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(codec, url) {
  const execArgv = values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile]
  const room = fork(new URL('room.mjs', import.meta.url), [JSON.stringify({ url, codec })], { execArgv })
  await once(room, 'message')
  await setTimeout(settleMs)
  const before = cpuSeconds(room.pid)
  const threadsBefore = threadSeconds(room.pid)
  await setTimeout(seconds * 1000)
  const share = (spent) => ((100 * spent) / seconds).toFixed(2)
  const cpu = cpuSeconds(room.pid) - before
  const threads = [...threadSeconds(room.pid)]
    .map(([id, spent]) => spent - (threadsBefore.get(id) ?? 0))
    .sort((a, b) => b - a)
    .slice(0, 4)
  const { rssMiB, anonymousMiB, fileMiB, sharedMiB } = memory(room.pid)
  const parts = [anonymousMiB, fileMiB, sharedMiB].map((part) => part.toFixed(0)).join(' / ')
  const cells = [codec, share(cpu), threads.map(share).join(' '), rssMiB.toFixed(0), parts, loadavg()[0].toFixed(1)]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
  room.send('stop')
  await once(room, 'exit')
}
