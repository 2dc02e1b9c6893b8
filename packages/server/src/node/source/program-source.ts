/** Programs that write PCM to their standard output: started, watched, started again, and gone with the source. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { AudioSource } from '../../audio-source.js'
import type { Location, RawFormat } from '../../location.js'
import { complaintOf, failureOf } from './child-end.js'
import { createLiveSource, type LiveFeed, type LiveTime } from './live-source.js'
import { rawFeed } from './pipe-source.js'
import { readRaw } from './raw-pcm.js'
import { chunksOf } from './readable-chunks.js'
import { firstLine, SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

/** A program that has been asked to leave is made to after this. */
const politeMs = 2000

/** Rejects when the program cannot be started at all. */
export function openProgram(
  location: string,
  { words, format }: Extract<Location, { kind: 'exec' }>,
  time: LiveTime,
  onProblem: (problem: string) => void,
): Promise<AudioSource> {
  return open(words, rawFeed(location, format, false, onProblem), format, time)
}

/** Captures with alsa-utils' `arecord`: the sound card's crystal is the source's, so the pace is never ours. */
export function openLineIn(
  location: string,
  { device, format }: Extract<Location, { kind: 'alsa' }>,
  time: LiveTime,
  onProblem: (problem: string) => void,
): Promise<AudioSource> {
  const feed = { ...rawFeed(location, format, false, onProblem), bytesPerS: undefined }
  return open(captureCommand(device, format), feed, format, time, untilCapturing)
}

/** What `arecord` says when it cannot open a device, and what that means for whoever wants to hear it. */
const refusals: readonly (readonly [said: RegExp, means: string])[] = [
  [/No such (file|device)|Unknown PCM/, 'there is no such line input; "arecord -L" lists what there is.'],
  [/busy/, 'is in use by another program; stop that program.'],
  [/Permission|not permitted/, 'may not be used; add the user that runs Tutti to the group audio and log in again.'],
  [/not available/, 'cannot do this format, rate or number of channels; try another, or plughw: in place of hw:.'],
]

/** A card that gives nothing for so long is not refused: it may be a stream that has not begun. */
const captureMs = 2000

/** Resolves once it captures; rejects when it ends instead. */
async function untilCapturing(child: ChildProcess, location: string): Promise<void> {
  const complaint = complaintOf(child)
  const ended = failureOf(child, 'arecord').then((failure) => failure ?? 'arecord ended')
  const output = child.stdout!
  // An end is readable, too.
  const begun = once(output, 'readable').then(() => (output.readableLength > 0 ? undefined : ended))
  const problem = await Promise.race([begun, ended, setTimeout(captureMs, undefined, { ref: false })])
  if (problem === undefined) return
  const [, means] = refusals.find(([pattern]) => pattern.test(complaint())) ?? []
  throw new SourceProblem(location, means ?? `${problem} (${firstLine(complaint())}).`)
}

const captureFormats = { s16le: 'S16_LE', s24le: 'S24_3LE', s32le: 'S32_LE', f32le: 'FLOAT_LE' } as const

function captureCommand(device: string, { encoding, sampleRate, channels }: RawFormat): readonly string[] {
  const format = ['-f', captureFormats[encoding], '-r', String(sampleRate), '-c', String(channels)]
  return ['arecord', '-q', '-D', device, ...format, '-t', 'raw', '--period-time=5000', '--buffer-time=200000']
}

async function open(
  words: readonly string[],
  feed: Omit<LiveFeed, 'listen'>,
  format: RawFormat,
  time: LiveTime,
  ready: (child: ChildProcess, location: string) => Promise<void> = async () => undefined,
): Promise<AudioSource> {
  const start = () => startProgram(words, feed.location)
  let next: ChildProcess | undefined = await start()
  await ready(next, feed.location)
  async function* listen(signal: AbortSignal): AsyncGenerator<Pcm> {
    const child = next ?? (await start())
    next = undefined
    yield* readProgram(child, words[0]!, feed.location, format, signal)
  }
  return createLiveSource({ ...feed, listen }, time)
}

function startProgram([program = '', ...words]: readonly string[], location: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it starts in turn is gone with it.
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    child.once('spawn', () => resolve(child))
    child.once('error', (error) => {
      const isMissing = 'code' in error && error.code === 'ENOENT'
      const remedy = program === 'arecord' ? 'install alsa-utils' : 'install it, or give its full path'
      const problem = isMissing ? `there is no program ${program}; ${remedy}.` : `${program}: ${firstLine(error)}.`
      reject(new SourceProblem(location, problem))
    })
  })
}

async function* readProgram(
  child: ChildProcess,
  name: string,
  location: string,
  format: RawFormat,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  const ended = failureOf(child, name)
  const complaint = complaintOf(child)
  try {
    yield* readRaw(chunksOf(child.stdout!, signal), format)
    if (signal.aborted) return
    stopGroup(child, 'SIGTERM') // it may have closed its output and stayed
    const reason = (await ended) ?? `${name} ended`
    const said = complaint().split('\n').at(-1)
    throw new SourceProblem(location, `${reason}${said ? ` (${said.slice(0, 200)})` : ''}.`)
  } finally {
    stopGroup(child, 'SIGTERM')
    const force = globalThis.setTimeout(() => stopGroup(child, 'SIGKILL'), politeMs)
    await ended
    clearTimeout(force)
  }
}

function stopGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // It has gone already.
  }
}
