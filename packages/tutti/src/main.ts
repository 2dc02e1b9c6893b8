#!/usr/bin/env node
/** The `tutti` program: wires its commands to the command line, and its failures to exit codes. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { isComplaint } from './complaint.js'
import { keepHeapSmall, keepNurserySmall } from './small-heap.js'

/** A wrong command line, as most tools have it; 1 is for what went wrong later. */
const usageError = 2

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

const program = new Command('tutti')
  .description('Plays the same music in every room at the same instant, and shows how far apart the rooms are heard.')
  .version(version)
  .showSuggestionAfterError(false)
  .addHelpText('after', '\nStart with:\n  $ tutti demo                 three rooms on this machine, with music')

/** A room on a small machine carries none of the coordinator's code: only the command that was asked for is loaded. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.js')).serveCommand(),
  join: async () => (await import('./commands/join.js')).joinCommand(),
  devices: async () => (await import('./commands/devices.js')).devicesCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
  simulate: async () => (await import('./commands/simulate.js')).simulateCommand(),
  measure: async () => (await import('./commands/measure.js')).measureCommand(),
  announce: async () => (await import('./commands/announce.js')).announceCommand(),
  pair: async () => (await import('./commands/pair.js')).pairCommand(),
  status: async () => (await import('./commands/status.js')).statusCommand(),
}
const asked = process.argv[2] ?? ''
if (asked === 'join') await keepHeapSmall()
if (asked === 'serve') keepNurserySmall()
const wanted = Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands)
for (const load of wanted) program.addCommand(await load())

for (const command of [program, ...program.commands]) {
  const name = command === program ? 'tutti' : `tutti ${command.name()}`
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(
        `${text
          .trim()
          .replace(/\s*\n\s*/g, ' ')
          .replace(/^error: /, 'tutti: ')} (see ${name} --help)\n`,
      ),
  })
}

// Whoever read the output has gone, as in `tutti devices | head -1`.
process.stdout.on('error', () => process.exit())

try {
  if (process.argv.length <= 2) program.help()
  await program.parseAsync()
} catch (error) {
  // Commander has written what it found itself; arguments that do not go together are found by the commands.
  const isUnsaid = error instanceof InvalidArgumentError || isComplaint(error)
  if (isUnsaid) process.stderr.write(`tutti: ${error.message}\n`)
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usageError
  else if (isUnsaid) process.exitCode = 1
  else throw error
}
