/** `tutti demo`: several rooms on this machine, and how far apart they are truly heard. */
import type { ServerEvent } from '@tutti/server'
import { Command } from 'commander'
import { Complaint } from '../complaint.js'
import { DemoHouse, houseTraits } from '../demo-house.js'
import { interruption } from '../interruption.js'
import { LiveTable } from '../live-table.js'
import { musicLocation } from '../music.js'
import { resolveLocations } from '../open-programme.js'
import { amount, wholeNumber } from '../option-values.js'
import { count, formatDuration, formatOffset, formatPpm } from '../quantity.js'
import type { Comparison } from '../room-comparison.js'
import type { RoomProcess } from '../room-process.js'
import { describeEvent } from '../server-news.js'
import { standardSoundCard } from '../sound-card-choice.js'
import { SpreadRecord, type SpreadSummary } from '../spread-record.js'

interface Options {
  readonly rooms: number
  readonly seconds?: number
  readonly sound: boolean
  readonly json?: boolean
}

const columns = [
  { title: 'room', align: 'left' },
  { title: 'heard offset', align: 'right' },
  { title: 'drift', align: 'right' },
  { title: 'round trip', align: 'right' },
  { title: 'buffered', align: 'right' },
  { title: 'state', align: 'left' },
] as const

const drawEveryMs = { terminal: 500, pipe: 2_000 }
const unknown = '–'

export function demoCommand(): Command {
  return new Command('demo')
    .description('Play in several rooms on this machine, and show how far apart they are truly heard')
    .argument('[files...]', 'what to play: files or http(s) addresses; our own music without any')
    .option('--rooms <n>', 'how many rooms', wholeNumber(2, houseTraits.length), 3)
    .option('--seconds <n>', 'end after so long, instead of at Ctrl-C', amount(5, 1e6, 's'))
    .option('--no-sound', 'do not play on the sound card of this machine')
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText(
      'after',
      `
Every room is a process of its own, with a clock that runs at its own speed and
a virtual sound card whose crystal is off by up to 100 ppm; they are connected
by real WebSockets. Virtual cards play to nobody, but know exactly when. "heard
offset" is how much later than the median of the rooms a room is heard, as its
card knows, not as its player believes. Where there is a sound card, a room
called Here plays along on it, to be listened to: it is not compared.

Examples:
  $ tutti demo
  $ tutti demo song.flac other.mp3 --rooms 5
  $ tutti demo --seconds 60 --json`,
    )
    .action(run)
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const ended = interruption()
  const isQuiet = options.json === true
  const table = new LiveTable(isQuiet ? { write: () => undefined } : process.stdout, columns)
  const failure = new Failure()
  const house = await DemoHouse.open({
    rooms: options.rooms,
    audible: options.sound ? standardSoundCard((text) => table.note(text)) : undefined,
    locations: await resolveLocations(files.length > 0 ? files : [musicLocation]),
    onEvent: (event) => {
      if (event.type === 'nothingPlayable') failure.report('none of the files can be played')
      const line = describeNews(event)
      if (line !== undefined) table.note(line)
    },
    onProblem: (text) => table.note(text),
  })
  table.note(
    `${count(options.rooms, 'room')} with virtual sound cards, crystals at ${describeCrystals(options.rooms)}; Ctrl-C ends.`,
  )
  table.note(`See, control and join them on this machine at ${house.address}`)
  const record = new SpreadRecord()
  let latest: Comparison | undefined
  const listen = setInterval(() => {
    for (const comparison of house.compare()) {
      latest = comparison
      if (comparison.spreadUs !== undefined) record.add(comparison.atUs, comparison.spreadUs)
    }
  }, 100)
  const draw = setInterval(
    () =>
      table.draw(
        rowsOf(house.audible ? [...house.rooms, house.audible] : house.rooms, latest),
        footer(house.title, latest, record.summary),
      ),
    table.isInPlace ? drawEveryMs.terminal : drawEveryMs.pipe,
  )
  try {
    const over = options.seconds === undefined ? [] : [after(options.seconds)]
    await Promise.race([ended, failure.happened, ...over])
  } finally {
    clearInterval(listen)
    clearInterval(draw)
    table.end()
    await house.close()
  }
  process.stdout.write(options.json ? asJson(house.rooms, record.summary) : asText(record.summary))
}

/** Ends the demo with a Complaint. */
class Failure {
  readonly happened: Promise<never>
  #reject: (error: Error) => void = () => undefined

  constructor() {
    this.happened = new Promise((_, reject) => {
      this.#reject = reject
    })
  }

  report(text: string): void {
    this.#reject(new Complaint(text))
  }
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref())
}

/** Rooms come and go with the demo itself, and when nothing can be played it ends and says so. */
const noNews: readonly ServerEvent['type'][] = ['clientJoined', 'clientLeft', 'nothingPlayable', 'playbackEnded']

function describeNews(event: ServerEvent): string | undefined {
  return noNews.includes(event.type) ? undefined : describeEvent(event)
}

function describeCrystals(rooms: number): string {
  return houseTraits
    .slice(0, rooms)
    .map(({ crystalPpm }) => formatPpm(crystalPpm).replace(/\.0 ppm$/, ''))
    .join(', ')
    .concat(' ppm')
}

function rowsOf(rooms: readonly RoomProcess[], latest: Comparison | undefined): readonly (readonly string[])[] {
  return rooms.map(({ spec, status, hasEnded }) => {
    const offsetUs = latest?.offsetsUs.get(spec.name)
    return [
      spec.name,
      offsetUs === undefined ? unknown : formatOffset(offsetUs),
      // The player makes up for the drift of its card against the server by the opposite.
      status?.playout === 'playing' ? formatPpm(-status.ppm) : unknown,
      status?.roundTripUs === undefined ? unknown : formatDuration(status.roundTripUs),
      status ? `${Math.round(status.bufferedMs)} ms` : unknown,
      hasEnded ? 'ended' : (status?.state ?? 'starting'),
    ]
  })
}

function footer(title: string, latest: Comparison | undefined, { spreadUs }: SpreadSummary): string {
  const now = latest?.spreadUs === undefined ? 'unknown' : formatDuration(latest.spreadUs)
  const soFar = spreadUs ? `, 99 % of the time below ${formatDuration(spreadUs.p99)}` : ''
  return `spread of the rooms ${now}${soFar}${title ? `; playing ${title}` : ''}`
}

function asText({ settleS, spreadUs, instants }: SpreadSummary): string {
  if (settleS === undefined || !spreadUs) return 'The rooms were not in step within a millisecond for a second.\n'
  const { p50, p95, p99, max } = spreadUs
  return [
    `In step ${settleS.toFixed(1)} s after the last room was first heard.`,
    `Spread of the rooms since then, at ${count(instants, 'instant')}: p50 ${formatDuration(p50)}, p95 ${formatDuration(p95)}, p99 ${formatDuration(p99)}, at most ${formatDuration(max)}.`,
    '',
  ].join('\n')
}

function asJson(rooms: readonly RoomProcess[], summary: SpreadSummary): string {
  const perRoom = rooms.map(({ spec: { name }, status }, i) => ({
    name,
    crystalPpm: houseTraits[i]!.crystalPpm,
    clockPpm: houseTraits[i]!.clockPpm,
    driftPpm: status && -status.ppm,
    roundTripUs: status?.roundTripUs,
    bufferedMs: status?.bufferedMs,
    underruns: status?.underruns,
    starvations: status?.starvations,
    jumps: status?.jumps,
  }))
  const { settleS = null, spreadUs = null, instants } = summary
  return `${JSON.stringify({ rooms: rooms.length, settleS, spreadUs, instants, perRoom })}\n`
}
