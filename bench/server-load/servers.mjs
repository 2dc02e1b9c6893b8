/** Starts a server as a process of its own that plays a WAV file; the result says how to reach it and how to end it. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

export async function startTutti(programme, folder) {
  const child = fork(new URL('tutti-server.mjs', import.meta.url), [programme, join(folder, 'tutti')])
  const [{ port }] = await once(child, 'message')
  return { protocol: 'sendspin', port, pid: child.pid, stop: () => end(child) }
}

/** Debian's snapserver; its `file` stream paces itself, and hears our 44 bytes of header as a quarter of a millisecond. */
export async function startSnapserver(programme, folder, codec = 'opus') {
  const port = await freePort()
  const data = join(folder, 'snapserver')
  const config = join(folder, 'snapserver.conf')
  await mkdir(data, { recursive: true })
  await writeFile(config, '')
  const child = spawn(
    'snapserver',
    [
      ...['-c', config, `--server.datadir=${data}`, `--stream.port=${port}`],
      ...[`--stream.source=file://${programme}?name=bench`, '--stream.sampleformat=48000:16:2'],
      ...[`--stream.codec=${codec}`, '--stream.chunk_ms=20', '--stream.buffer=1000'],
      ...['--http.enabled=false', '--tcp.enabled=false', '--logging.sink=null'],
    ],
    { stdio: 'ignore' },
  )
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(`cannot run snapserver (install it, or leave it out with --servers tutti): ${error.message}`)
  })
  await Promise.race([failed, answers(port)])
  return { protocol: 'snapcast', port, pid: child.pid, stop: () => end(child) }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port) {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await setTimeout(50)
  }
  throw new Error('snapserver does not answer')
}
