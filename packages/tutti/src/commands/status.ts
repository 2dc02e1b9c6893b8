/** `tutti status`: what a running coordinator plays, and to whom. */
import type { ServerStatus } from '@tutti/server'
import { Command } from 'commander'
import { askCoordinator } from '../control-client.js'
import { defaultPort } from '../coordinator.js'
import { LiveTable } from '../live-table.js'
import { wholeNumber } from '../option-values.js'
import { count } from '../quantity.js'

interface Options {
  readonly port: number
  readonly token?: string
  readonly json?: boolean
}

export function statusCommand(): Command {
  return new Command('status')
    .description('Show what a running coordinator plays, and to whom')
    .argument('[host]', 'the machine it runs on', '127.0.0.1')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), defaultPort)
    .option('--token <token>', 'of another machine, from tutti pair')
    .option('--json', 'print the status as one JSON object')
    .addHelpText(
      'after',
      `
A coordinator answers other machines only once they are paired: tutti pair
gives the token.

Examples:
  $ tutti status
  $ tutti status music.local --token TOKEN --json`,
    )
    .action(run)
}

async function run(host: string, options: Options): Promise<void> {
  const status = await askCoordinator<ServerStatus>({ host, ...options }, '/api/status')
  if (options.json) process.stdout.write(`${JSON.stringify(status)}\n`)
  else print(status)
}

function print({ server, groups }: ServerStatus): void {
  process.stdout.write(`${server.name}\n`)
  for (const { name, state, queue, current, positionMs, clients } of groups) {
    const title = queue.find(({ id }) => id === current)?.title ?? 'nothing'
    process.stdout.write(`\n${name}: ${state}, ${title} at ${formatPosition(positionMs)}\n`)
    if (clients.length === 0) continue
    const rows = clients.map((client) => [
      client.name,
      client.isConnected ? (client.condition ?? 'joining') : 'away',
      client.format ? `${client.format.codec} ${client.format.sampleRate / 1000} kHz` : '–',
      client.volume === undefined ? '–' : `${client.volume} %${client.muted ? ' (muted)' : ''}`,
      client.sentAheadMs === undefined ? '–' : `${(client.sentAheadMs / 1000).toFixed(1)} s`,
    ])
    const columns = ['room', 'state', 'format', 'volume', 'sent ahead'].map(
      (title) => ({ title, align: 'left' }) as const,
    )
    new LiveTable({ write: (text) => process.stdout.write(text) }, columns).draw(rows, count(clients.length, 'client'))
  }
}

function formatPosition(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
