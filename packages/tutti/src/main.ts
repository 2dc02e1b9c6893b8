#!/usr/bin/env node
/** The `tutti` program: wires its commands to the command line, and its failures to exit codes. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { demoCommand } from './commands/demo.js'
import { devicesCommand } from './commands/devices.js'
import { joinCommand } from './commands/join.js'
import { measureCommand } from './commands/measure.js'
import { serveCommand } from './commands/serve.js'
import { simulateCommand } from './commands/simulate.js'
import { statusCommand } from './commands/status.js'
import { isComplaint } from './complaint.js'

/** A wrong command line, as most tools have it; 1 is for what went wrong later. */
const usageError = 2

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

const program = new Command('tutti')
  .description('Plays the same music in every room at the same instant, and shows how far apart the rooms are heard.')
  .version(version)
  .showSuggestionAfterError(false)
  .addHelpText('after', '\nStart with:\n  $ tutti demo                 three rooms on this machine, with music')

for (const command of [
  serveCommand(),
  joinCommand(),
  devicesCommand(),
  demoCommand(),
  simulateCommand(),
  measureCommand(),
  statusCommand(),
])
  program.addCommand(command)

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
