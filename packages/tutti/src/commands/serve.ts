/** `tutti serve`: a coordinator for the rooms of a house. */
import { hostname } from 'node:os'
import type { ServerEvent } from '@tutti/server'
import { defaultStateFolder } from '@tutti/server/node'
import { pageFolder } from '@tutti/web'
import { Command, Option } from 'commander'
import { defaultPort, defaultSendAheadMs, startCoordinator } from '../coordinator.js'
import { interruption } from '../interruption.js'
import { musicLocation } from '../music.js'
import { musicFolders } from '../music-folders.js'
import { resolveLocations } from '../open-programme.js'
import { wholeNumber } from '../option-values.js'
import { describeEvent } from '../server-news.js'
import { Welcome } from '../welcome.js'

interface Options {
  readonly port: number
  readonly host: string
  readonly name: string
  readonly control: 'paired' | 'local' | 'none'
  readonly hostName?: readonly string[]
  readonly music?: readonly string[]
  readonly discovery: boolean
  readonly player?: readonly string[]
  readonly state: string
  readonly opusBitrate: number
  readonly opusEncoder: 'libopus-wasm' | 'node-opus'
  readonly sendAhead: number
  readonly voice?: string
  readonly allowPrograms?: boolean
  readonly json?: boolean
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Coordinate rooms: give them one timeline and send them the music')
    .argument(
      '[files...]',
      'what to play: files, folders, playlists, addresses, pipes, programs, line inputs (docs/sources.md); without any, what was queued before, or our music',
    )
    .option('--port <port>', 'where players connect and the page is', wholeNumber(0, 65_535), defaultPort)
    .option('--host <address>', 'the interface they connect on', '0.0.0.0')
    .option('--name <name>', 'what people call this server', `Tutti on ${hostname().split('.', 1)[0]}`)
    .addOption(
      new Option(
        '--control <who>',
        'who may operate it besides this machine: paired browsers, or nobody; none: no page',
      )
        .choices(['paired', 'local', 'none'])
        .default('paired'),
    )
    .option('--host-name <name>', 'a name this machine also has in address bars; may be given again', collect)
    .option('--music <folder>', 'a folder the page shows; may be given again (default: your music folder)', collect)
    .option('--no-discovery', 'neither announce this server nor dial players that announce themselves')
    .option('--player <url>', 'dial this player too; may be given again', collect)
    .option('--state <folder>', 'where rooms, groups and queues are kept', defaultStateFolder())
    .option('--opus-bitrate <kbit/s>', 'bit rate of Opus rooms', wholeNumber(6, 510), 160)
    .addOption(
      new Option('--opus-encoder <library>', 'what encodes Opus')
        .choices(['libopus-wasm', 'node-opus'])
        .default('libopus-wasm'),
    )
    .option(
      '--send-ahead <ms>',
      'how far ahead of its time music from files is sent; announcements wait so long',
      wholeNumber(500, 30_000),
      defaultSendAheadMs,
    )
    .option('--voice <file>', 'a voice of Piper (….onnx) that speaks announcements; without one, espeak-ng does')
    .option('--allow-programs', 'let tracks added later run programs, read pipes and capture line inputs')
    .option('--json', 'print events as JSON lines')
    .allowUnknownOption() // standard input with options, -?rate=48000, looks like one
    .addHelpText(
      'after',
      `
Music starts when the first room joins. The connection is not encrypted: run
this in a network you trust.

Examples:
  $ tutti serve ~/Music/*.flac           then, on another machine: tutti join
  $ tutti serve --name "Upstairs" --port 9000 http://radio.example/stream.mp3
  $ tutti serve "fifo:/run/music?rate=44100"   whatever a program writes there`,
    )
    .action(run)
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function run(files: readonly string[], options: Options, command: Command): Promise<void> {
  const unknown = files.find((file) => /^-[^?]/.test(file))
  if (unknown !== undefined) command.error(`unknown option '${unknown}'`)
  const ended = interruption()
  const print = options.json ? printJson : printLine
  const welcome = new Welcome(options.name, options.json === true ? undefined : process.stdout)
  const server = await startCoordinator({
    name: options.name,
    host: options.host,
    port: options.port,
    control:
      options.control === 'none'
        ? undefined
        : {
            names: options.hostName ?? [],
            page: pageFolder,
            admitsOthers: options.control === 'paired',
            musicFolders: await musicFolders(options.music),
            onPairingCode: (code) => welcome.showCode(code),
          },
    stateFolder: options.state,
    discovers: options.discovery,
    players: options.player ?? [],
    encoder: { bitrate: options.opusBitrate * 1000, backend: options.opusEncoder },
    locations: await resolveLocations(files),
    sendAheadMs: options.sendAhead,
    voice: options.voice,
    allowsPrograms: options.allowPrograms === true,
    onEvent: print,
    onProblem: (problem) => process.stderr.write(`tutti: ${problem}\n`),
  })
  const [group] = server.status().groups
  if (group && group.queue.length === 0) {
    await server.command({ command: 'addTracks', group: group.id, tracks: [{ location: musicLocation }] })
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ type: 'listening', port: server.port })}\n`)
  welcome.open(server.port, options.control, options.host)
  await ended
  await server.stop()
}

function printJson(event: ServerEvent): void {
  if (event.type !== 'changed') process.stdout.write(`${JSON.stringify(event)}\n`)
}

function printLine(event: ServerEvent): void {
  const line = describeEvent(event)
  if (line !== undefined) process.stdout.write(`${line}\n`)
}
