/** `tutti measure`: how far apart recordings of rooms are. */
import { basename } from 'node:path'
import type { AudioSource } from '@tutti/server'
import { createOpenSource } from '@tutti/server/node'
import { Command } from 'commander'
import { type Alignment, alignRecordings } from '../alignment.js'
import { Complaint } from '../complaint.js'
import { amount, wholeNumber } from '../option-values.js'
import { formatDuration, formatOffset, formatPpm } from '../quantity.js'

interface Options {
  readonly seconds: number
  readonly search: number
  readonly json?: boolean
}

interface Recording {
  readonly name: string
  /** Mono. */
  readonly samples: Float32Array
  readonly sampleRate: number
}

export function measureCommand(): Command {
  return new Command('measure')
    .description('Measure how far apart recordings of rooms are, from what is heard in them')
    .argument('<files...>', 'recordings of the same programme; or one stereo file whose channels are two rooms')
    .option('--seconds <n>', 'how much of each recording to read', wholeNumber(3, 3600), 600)
    .option('--search <n>', 'largest offset to look for, in seconds', amount(0.1, 60, 's'), 5)
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Every file is compared with the first, second by second, by cross-correlation
to a fraction of a sample. A positive offset is a room that is heard later; a
positive drift is a room that falls further behind.

Two recorders do not start together and have crystals of their own: between
their files, offset and drift include the recorders'. Only what one recorder
took on two channels is the rooms' alone.

Examples:
  $ tutti measure kitchen.wav hall.wav
  $ tutti measure two-microphones.wav --json`,
    )
    .action(measure)
}

async function measure(files: readonly string[], options: Options): Promise<void> {
  const recordings = await read(files, options.seconds)
  const [first, ...others] = recordings as readonly [Recording, ...Recording[]]
  const rows = others.map((other) => ({ name: other.name, alignment: compare(first, other, options.search) }))
  process.stdout.write(options.json ? asJson(first, rows) : asText(first, rows))
}

interface Row {
  readonly name: string
  readonly alignment: Alignment
}

async function read(files: readonly string[], seconds: number): Promise<readonly Recording[]> {
  const [only, second] = files
  if (second !== undefined)
    return Promise.all(files.map(async (file) => mixDown(file, await readChannels(file, seconds))))
  const { channels, sampleRate } = await readChannels(only!, seconds)
  if (channels.length < 2) {
    throw new Complaint(`${basename(only!)} has one channel and nothing to compare it with; name a second recording`)
  }
  return channels.map((samples, i) => ({ name: `channel ${i + 1}`, samples, sampleRate }))
}

function compare(first: Recording, other: Recording, searchS: number): Alignment {
  if (first.sampleRate !== other.sampleRate) {
    throw new Complaint(
      `${first.name} is at ${first.sampleRate} Hz and ${other.name} at ${other.sampleRate} Hz; convert one to the other's rate`,
    )
  }
  const alignment = alignRecordings(first.samples, other.samples, first.sampleRate, { searchS })
  if (alignment) return alignment
  throw new Complaint(
    `nothing of ${first.name} was found in ${other.name} within ${searchS} s either way; is it the same music, longer than 3 s? try a larger --search`,
  )
}

function asJson(first: Recording, rows: readonly Row[]): string {
  const rooms = rows.map(({ name, alignment }) => ({ name, ...alignment }))
  return `${JSON.stringify({ reference: first.name, sampleRate: first.sampleRate, rooms })}\n`
}

function asText(first: Recording, rows: readonly Row[]): string {
  return rows
    .map(({ name, alignment: { offsetUs, driftPpm, correlation, deviationUs, comparedS, skippedS, gaps } }) =>
      [
        `${name} against ${first.name}`,
        `  offset       ${formatOffset(offsetUs)}, ${offsetUs < 0 ? 'earlier' : 'later'}`,
        `  drift        ${formatPpm(driftPpm)}, ${driftPpm < 0 ? 'catching up' : 'falling behind'}`,
        `  deviation    p50 ${formatDuration(deviationUs.p50)}, p95 ${formatDuration(deviationUs.p95)}, at most ${formatDuration(deviationUs.max)}`,
        `  correlation  ${correlation.toFixed(4)}`,
        `  gaps         ${gaps}`,
        `  compared     ${comparedS} s${skippedS > 0 ? `, skipped ${skippedS} s` : ''}`,
        '',
      ].join('\n'),
    )
    .join('\n')
}

interface Channels {
  readonly channels: readonly Float32Array[]
  readonly sampleRate: number
}

/** Without ffmpeg, so that a recording comes at its own rate. */
async function readChannels(file: string, seconds: number): Promise<Channels> {
  const source = await createOpenSource(undefined)(file, 0)
  try {
    return await collect(source, seconds)
  } finally {
    await source.close()
  }
}

async function collect(source: AudioSource, seconds: number): Promise<Channels> {
  const { sampleRate } = source
  const wanted = seconds * sampleRate
  const parts: Float32Array[][] = Array.from({ length: source.channels }, () => [])
  let length = 0
  while (length < wanted) {
    const block = await source.read()
    if (!block) break
    for (const [i, part] of parts.entries()) part.push(block.getChannelData(i).subarray(0, wanted - length))
    length += block.length
  }
  return { channels: parts.map(join), sampleRate }
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let length = 0
  for (const part of parts) {
    whole.set(part, length)
    length += part.length
  }
  return whole
}

function mixDown(file: string, { channels, sampleRate }: Channels): Recording {
  const [first = new Float32Array(0), ...others] = channels
  const samples = Float32Array.from(first)
  for (const channel of others) {
    for (let i = 0; i < samples.length; i++) samples[i]! += channel[i]!
  }
  return { name: basename(file), samples, sampleRate }
}
