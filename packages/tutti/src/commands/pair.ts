/** `tutti pair`: the code that lets another browser in, who has been let in, and a token for programs elsewhere. */
import { hostname } from 'node:os'
import type { PairedBrowser } from '@tutti/server/node'
import { Command } from 'commander'
import { Complaint } from '../complaint.js'
import { askCoordinator, type Whereabouts } from '../control-client.js'
import { defaultPort } from '../coordinator.js'
import { wholeNumber } from '../option-values.js'

interface Options {
  readonly port: number
  readonly code?: string
  readonly name: string
  readonly list?: boolean
  readonly revoke?: string
  readonly json?: boolean
}

export function pairCommand(): Command {
  return new Command('pair')
    .description('Show the code that lets another browser control the music, or get a token for programs')
    .argument('[host]', 'the machine the coordinator runs on', '127.0.0.1')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), defaultPort)
    .option('--code <code>', "the code in the coordinator's terminal: pairs this program and prints its token")
    .option('--list', 'list the browsers and programs that are paired')
    .option('--revoke <name>', 'let the one of this name, or id, in no more; all takes everyone')
    .option('--name <name>', 'what the list of paired browsers calls it', `tutti on ${hostname().split('.', 1)[0]}`)
    .option('--json', 'print what the coordinator answers as one JSON object')
    .addHelpText(
      'after',
      `
The code and the list are shown on the coordinator's own machine only. A token
goes into the header "Authorization: Bearer ..." of requests to its control API
and /metrics.

Examples:
  $ tutti pair
  $ tutti pair --list
  $ tutti pair --revoke "Firefox on Android"
  $ tutti pair music.local --code 123456 --name Prometheus`,
    )
    .action(run)
}

async function run(host: string, { port, code, name, list, revoke, json }: Options): Promise<void> {
  const where = { host, port }
  const print = <Body>(body: Body, inWords: (body: Body) => string): void => {
    process.stdout.write(json ? `${JSON.stringify(body)}\n` : inWords(body))
  }
  if (list) print({ browsers: await pairedBrowsers(where) }, ({ browsers }) => describe(browsers))
  else if (revoke !== undefined) {
    const revoked = await revokeBrowsers(where, revoke)
    print({ revoked }, () => revoked.map((browser) => `${browser.name} is let in no more\n`).join(''))
  } else if (code === undefined) {
    const shown = await askCoordinator<{ code: string }>(where, '/api/pairing')
    print(shown, (body) => `${body.code.slice(0, 3)} ${body.code.slice(3)}\n`)
  } else {
    const body = { code, name, wantsToken: true }
    const pairing = await askCoordinator<{ token: string }>(where, '/api/pair', { method: 'POST', body })
    print(pairing, ({ token }) => `${token}\n`)
  }
}

async function pairedBrowsers(where: Whereabouts): Promise<readonly PairedBrowser[]> {
  const { browsers } = await askCoordinator<{ browsers: readonly PairedBrowser[] }>(where, '/api/browsers')
  return browsers
}

async function revokeBrowsers(where: Whereabouts, wanted: string): Promise<readonly PairedBrowser[]> {
  const all = await pairedBrowsers(where)
  const chosen = all.filter(({ id, name }) => wanted === 'all' || wanted === id || wanted === name)
  if (chosen.length === 0) throw new Complaint(`no browser called ${wanted} is paired; tutti pair --list shows them`)
  for (const { id } of chosen)
    await askCoordinator(where, `/api/browsers/${encodeURIComponent(id)}`, { method: 'DELETE' })
  return chosen
}

function describe(browsers: readonly PairedBrowser[]): string {
  if (browsers.length === 0) return 'no browser is paired\n'
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
  return browsers
    .map(
      ({ id, name, pairedAt, lastSeenAt }) => `${name}: paired ${day(pairedAt)}, last here ${day(lastSeenAt)}, ${id}\n`,
    )
    .join('')
}
