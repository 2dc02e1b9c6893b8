/** `tutti pair`: the code that lets another browser in; or, given the code of another machine, a token for programs. */
import { hostname } from 'node:os'
import { Command } from 'commander'
import { Complaint } from '../complaint.js'
import { defaultPort } from '../coordinator.js'
import { wholeNumber } from '../option-values.js'

interface Options {
  readonly port: number
  readonly code?: string
  readonly name: string
}

const patienceMs = 5_000

export function pairCommand(): Command {
  return new Command('pair')
    .description('Show the code that lets another browser control the music, or get a token for programs')
    .argument('[host]', 'the machine the coordinator runs on', '127.0.0.1')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), defaultPort)
    .option('--code <code>', "the code in the coordinator's terminal: pairs this program and prints its token")
    .option('--name <name>', 'what the list of paired browsers calls it', `tutti on ${hostname().split('.', 1)[0]}`)
    .addHelpText(
      'after',
      `
The code is shown on the coordinator's own machine only. A token goes into the
header "Authorization: Bearer ..." of requests to its control API and /metrics.

Examples:
  $ tutti pair
  $ tutti pair music.local --code 123456 --name Prometheus`,
    )
    .action(run)
}

async function run(host: string, { port, code, name }: Options): Promise<void> {
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  if (code === undefined) {
    const { code: shown } = await ask<{ code: string }>(`${base}/api/pairing`)
    process.stdout.write(`${shown.slice(0, 3)} ${shown.slice(3)}\n`)
    return
  }
  const { token } = await ask<{ token: string }>(`${base}/api/pair`, { code, name, wantsToken: true })
  process.stdout.write(`${token}\n`)
}

async function ask<Body>(url: string, body?: object): Promise<Body> {
  const init = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) }).catch(() => {
    throw new Complaint(`no coordinator answers at ${url}; is tutti serve running there?`)
  })
  const answer = (await response.json()) as { error?: { message: string } }
  if (!response.ok) throw new Complaint(answer.error?.message ?? `${url} answered ${response.status}`)
  return answer as Body
}
