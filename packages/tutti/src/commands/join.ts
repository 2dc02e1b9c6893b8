/** `tutti join`: a room that plays along. */
import { hostname } from 'node:os'
import {
  type ChannelMode,
  channelModes,
  type PlayerEvent,
  type PlayerStatus,
  parsePlayerConfig,
  playerDefaults,
  type SoundSettings,
} from '@tutti/client'
import { type ConnectionSpec, joinRoom, type OutputSpec, roomDefaults, settingsPath } from '@tutti/client/node'
import type { CodecName } from '@tutti/protocol'
import { defaultPath, defaultPlayerPort } from '@tutti/protocol/node'
import { Command, InvalidArgumentError, Option } from 'commander'
import { Complaint } from '../complaint.js'
import { interruption } from '../interruption.js'
import { LiveTable } from '../live-table.js'
import { amount, wholeNumber } from '../option-values.js'
import { playerId } from '../player-identity.js'
import { formatDuration, formatOffset, formatPpm } from '../quantity.js'
import { soundCard, standardOutput } from '../sound-card-choice.js'
import { virtualCard } from '../virtual-card.js'

interface Options {
  readonly name: string
  readonly device?: string
  readonly output?: OutputSpec
  readonly ppm?: number
  readonly volume?: number
  readonly delayMs?: number
  readonly bufferMs?: number
  readonly channel?: ChannelMode
  readonly codec: CodecName
  readonly listen?: number | true
  readonly settings: boolean
  readonly json?: boolean
}

const columns = [
  { title: 'state', align: 'left' },
  { title: 'late', align: 'right' },
  { title: 'clock known to', align: 'right' },
  { title: 'correction', align: 'right' },
  { title: 'round trip', align: 'right' },
  { title: 'buffered', align: 'right' },
  { title: 'format', align: 'left' },
] as const

const reportEveryMs = { terminal: 500, pipe: 5_000 }

export function joinCommand(): Command {
  return new Command('join')
    .description('Play along as a room')
    .argument('[url]', 'the coordinator, ws://host:8927/sendspin; found by itself when left out')
    .option('--name <name>', 'what people call this room', hostname().split('.', 1)[0])
    .option('--device <name>', 'the sound card to play on, as tutti devices lists it; the default one when left out')
    .option('--output <output>', 'instead of a sound card: web-audio, speaker, virtual, wav:FILE or null', parseOutput)
    .option('--ppm <ppm>', 'how fast the crystal of a virtual output is', amount(-1000, 1000, 'ppm'))
    .option('--volume <percent>', 'perceived loudness', wholeNumber(0, 100))
    .option(
      '--delay-ms <ms>',
      'delay of what follows the output: the room plays earlier by so much',
      amount(0, 5000, 'ms'),
    )
    .option(
      '--buffer-ms <ms>',
      'how much live audio to keep at hand; measured, from 20 to 2000 ms, when left out',
      amount(0, 10_000, 'ms'),
    )
    .addOption(new Option('--channel <channel>', 'what this room plays of a stereo programme').choices(channelModes))
    .addOption(new Option('--codec <codec>', 'preferred codec').choices(['opus', 'flac', 'pcm']).default('opus'))
    .option('--listen [port]', 'announce this room and wait for a coordinator to dial it', wholeNumber(0, 65_535))
    .option('--no-settings', 'neither read nor keep volume, delay, channel and what is known of the clocks')
    .option('--json', 'print events and, every half second, the status as JSON lines')
    .addHelpText(
      'after',
      `
"late" is how far behind its schedule the room believes to be; "clock known to"
is how wrong it may be about the coordinator's clock. Volume, channel and delay
are kept for each sound card. Without any card the room plays along to nobody.

Examples:
  $ tutti join                                   finds the coordinator
  $ tutti join ws://music.local:8927/sendspin --name Kitchen --delay-ms 120
  $ tutti join --device hw:CARD=DAC,DEV=0 --channel left
  $ tutti join --output wav:kitchen.wav          records what would be heard`,
    )
    .action(run)
}

async function run(url: string | undefined, options: Options): Promise<void> {
  const ended = interruption()
  const { name, ppm, bufferMs } = options
  const clientId = playerId(name)
  const parsed = parsePlayerConfig({
    clientId,
    name,
    formats: formatsFrom(options.codec),
    ...(bufferMs === undefined ? {} : { minBufferMs: bufferMs }),
  })
  if ('problems' in parsed) throw new Complaint(parsed.problems.join('; '))
  if (ppm !== undefined && options.output?.kind !== 'virtual')
    throw new InvalidArgumentError('--ppm is for --output virtual only')

  const connection = connectionOf(url, options.listen)
  const table = new LiveTable(process.stdout, columns)
  const tell = (event: PlayerEvent): void => {
    if (options.json) process.stdout.write(`${JSON.stringify({ type: 'event', event })}\n`)
    else if (event.type === 'problem') table.note(event.text)
  }
  const output = chooseOutput(options, (text) => tell({ type: 'problem', text }))
  const room = await joinRoom(
    {
      ...roomDefaults,
      player: parsed.config,
      connection,
      output: output.kind === 'virtual' ? { ...output, ppm: ppm ?? output.ppm } : output,
      settingsPath: options.settings ? settingsPath(clientId) : undefined,
      settings: settingsOf(options),
    },
    tell,
  )
  const report = (): void => {
    const status = room.status()
    if (options.json) process.stdout.write(`${JSON.stringify({ type: 'status', status })}\n`)
    else table.draw([rowOf(status)], footerOf(status))
  }
  const everyMs = options.json || table.isInPlace ? reportEveryMs.terminal : reportEveryMs.pipe
  const reporting = setInterval(report, everyMs)
  await ended
  clearInterval(reporting)
  table.end()
  await room.stop('shutdown')
}

/** @throws Complaint if the sound card that was asked for cannot be opened */
function chooseOutput({ device, output }: Options, onProblem: (text: string) => void): OutputSpec {
  if (output && device !== undefined) throw new InvalidArgumentError('--device is a sound card, --output is not one')
  return output ?? (device === undefined ? standardOutput(onProblem) : soundCard(device, onProblem))
}

function parseOutput(text: string): OutputSpec {
  const [kind = '', ...rest] = text.split(':')
  const argument = rest.join(':')
  if (kind === 'wav' && argument) return { kind: 'wav', path: argument, sample: 'float32' }
  if (kind === 'virtual' && !argument) return virtualCard(0, 0)
  if ((kind === 'null' || kind === 'speaker' || kind === 'web-audio') && !argument) return { kind }
  throw new InvalidArgumentError(
    'It must be web-audio, speaker, virtual, wav:FILE or null; for a sound card say --device.',
  )
}

/** The preferred codec first; the others stay, because a server may lack it. */
function formatsFrom(codec: CodecName) {
  const isPreferred = (format: { readonly codec: CodecName }) => format.codec === codec
  const { formats } = playerDefaults
  return [...formats.filter(isPreferred), ...formats.filter((format) => !isPreferred(format))]
}

function connectionOf(url: string | undefined, listen: number | true | undefined): ConnectionSpec {
  if (url !== undefined && listen !== undefined)
    throw new InvalidArgumentError('a room either dials a url or waits with --listen')
  if (listen !== undefined) {
    return { kind: 'listen', port: listen === true ? defaultPlayerPort : listen, path: defaultPath, advertised: true }
  }
  if (url === undefined) return { kind: 'discover' }
  if (!/^ws:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new InvalidArgumentError(`${url} is no address of a coordinator; it looks like ws://host:8927/sendspin`)
  }
  return { kind: 'dial', url }
}

/** Only what was asked for; the rest is as it was kept. */
function settingsOf({ volume, delayMs, channel }: Options): Partial<SoundSettings> {
  return {
    ...(volume === undefined ? {} : { volume }),
    ...(delayMs === undefined ? {} : { outputDelayMs: delayMs }),
    ...(channel === undefined ? {} : { channelMode: channel }),
  }
}

function rowOf(status: PlayerStatus): readonly string[] {
  const { state, lateUs, clockErrorBoundUs, ppm, roundTripUs, bufferedMs, format } = status
  return [
    state,
    state === 'playing' ? formatOffset(lateUs) : '–',
    clockErrorBoundUs === undefined ? '–' : `±${formatDuration(clockErrorBoundUs)}`,
    state === 'playing' ? formatPpm(ppm) : '–',
    roundTripUs === undefined ? '–' : formatDuration(roundTripUs),
    `${Math.round(bufferedMs)} ms`,
    format ?? '–',
  ]
}

function footerOf({ name, server, title, artist, volume, muted }: PlayerStatus): string {
  const what = title ? `${title}${artist ? ` by ${artist}` : ''}` : 'nothing yet'
  return `${name} at ${volume} %${muted ? ' (muted)' : ''}: ${server ? `${what}, from ${server}` : 'looking for a coordinator'}`
}
