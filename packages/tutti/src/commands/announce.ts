/** `tutti announce`: says something in some rooms, over the music that plays there. */
import { createWriteStream } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Command as ServerCommand } from '@tutti/server'
import { Command, InvalidArgumentError } from 'commander'
import { Complaint } from '../complaint.js'
import { askCoordinator, type Whereabouts } from '../control-client.js'
import { defaultPort } from '../coordinator.js'
import { resolveLocations } from '../open-programme.js'
import { wholeNumber } from '../option-values.js'

interface Options {
  readonly rooms: readonly string[]
  readonly duck: number
  readonly fade: number
  readonly say?: string
  readonly host: string
  readonly port: number
  readonly token?: string
  readonly json?: boolean
}

type Announcement = Omit<Extract<ServerCommand, { command: 'announce' }>, 'command'>
/** What the coordinator answers to a command that it has carried out. */
interface Carried {
  readonly result: { readonly heardInMs?: number }
}

/** The server gives up on a clip after 30 s. */
const patienceMs = 40_000

export function announceCommand(): Command {
  return new Command('announce')
    .description('Say something in some rooms, over the music that plays there')
    .argument('[clip]', 'a sound file, an address, or - for a sound file on standard input')
    .requiredOption('--rooms <names>', 'who is to hear it: names or ids, with commas between', roomNames)
    .option('--say <text>', 'speak this instead of a clip; the server needs espeak-ng')
    .option('--duck <dB>', 'how much quieter the music is meanwhile', wholeNumber(0, 60), 12)
    .option('--fade <ms>', 'how long the music takes to sink and to come back', wholeNumber(10, 2000), 200)
    .option('--host <host>', 'the machine the coordinator runs on', '127.0.0.1')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), defaultPort)
    .option('--token <token>', 'of another machine, from tutti pair')
    .option('--json', 'print the answer as one JSON object')
    .addHelpText(
      'after',
      `
The clip is mixed in where audio has not been sent yet: music from files goes
out 5 s ahead, so over such music it is heard after 5 s (tutti serve
--send-ahead), over the radio or a line input in well under a second.

Examples:
  $ tutti announce doorbell.mp3 --rooms Kitchen,Bath
  $ tutti announce --say "Dinner is ready" --rooms Kitchen --duck 18
  $ piper --model en_GB-alba-medium.onnx --output_file - < text | tutti announce - --rooms Kitchen`,
    )
    .action(run)
}

function roomNames(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0) throw new InvalidArgumentError('Give at least one room.')
  return names
}

async function run(clip: string | undefined, options: Options): Promise<void> {
  const { rooms, duck, fade, say, host } = options
  if ((clip === undefined) === (say === undefined)) throw new Complaint('give either a clip or --say "text"')
  const isHere = ['127.0.0.1', 'localhost', '::1'].includes(host)
  const manner = { rooms: [...rooms], duckDb: duck, fadeMs: fade }
  const heardInMs = await (say !== undefined
    ? announce(options, { ...manner, text: say })
    : clip === '-'
      ? announceInput(options, manner, isHere)
      : announce(options, { ...manner, location: isHere ? (await resolveLocations([clip!]))[0]! : clip! }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ rooms, heardInMs })}\n`)
    return
  }
  const when = heardInMs === undefined ? 'as soon as they are ready' : `in ${(heardInMs / 1000).toFixed(1)} s`
  process.stdout.write(`${rooms.join(', ')} will hear it ${when}\n`)
}

/** The server reads the clip from a file that is there until it has answered. */
async function announceInput(where: Whereabouts, manner: Announcement, isHere: boolean): Promise<number | undefined> {
  if (!isHere) throw new Complaint('standard input can only be announced on the machine the coordinator runs on')
  const folder = await mkdtemp(join(tmpdir(), 'tutti-'))
  try {
    await chmod(folder, 0o755) // the server may run as somebody else
    const location = join(folder, 'standard input')
    await pipeline(process.stdin, createWriteStream(location, { mode: 0o644 }))
    return await announce(where, { ...manner, location })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function announce(where: Whereabouts, announcement: Announcement): Promise<number | undefined> {
  const body = { command: 'announce', ...announcement }
  const { result } = await askCoordinator<Carried>(where, '/api/commands', { method: 'POST', body, patienceMs })
  return result.heardInMs
}
