/** Starts a room as a process of its own, as its user would; `card` is an ALSA device, without one it plays to nobody. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/tutti/dist/src/main.js', import.meta.url))

export function startTuttiRoom(port, codec, card, profileFolder) {
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder]
  const output = card === undefined ? ['--output', 'null'] : ['--device', card]
  return start('tutti', process.execPath, [
    ...[...profiling, program, 'join', `ws://127.0.0.1:${port}/sendspin`],
    ...['--name', 'Room', '--no-settings', '--codec', codec, ...output],
  ])
}

/** Debian's snapclient, with its own defaults. */
export function startSnapclient(port, card) {
  const output = card === undefined ? ['--player', 'file:filename=null'] : ['--player', 'alsa', '-s', card]
  return start('snapclient', 'snapclient', [
    ...['-h', '127.0.0.1', '-p', String(port), '--hostID', 'room', '--logsink', 'null', ...output],
  ])
}

function start(name, command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  child.once('error', (error) => process.stderr.write(`cannot run ${command}: ${error.message}\n`))
  return {
    name,
    pid: child.pid,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}
