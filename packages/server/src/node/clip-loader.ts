/** Fetches whole clips for announcements: from a location, or spoken by a program of this machine. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AudioBuffer from 'audio-buffer'
import type { AudioSource, OpenSource } from '../audio-source.js'
import { mapChannels } from '../channel-map.js'
import type { ClipOrigin } from '../output.js'
import { SampleRateConverter } from '../sample-rate-converter.js'
import { complaintOf, failureOf } from './source/child-end.js'
import { firstLine, SourceProblem } from './source/source-problem.js'

export interface ClipOptions {
  readonly openSource: OpenSource
  /** Of the clip: the programme's. */
  readonly sampleRate: number
  readonly channels: number
  /** A clip that takes longer to be had has failed. */
  readonly timeoutMs: number
  /** A voice of Piper's (`….onnx`), which is to speak where Piper is installed. */
  readonly voice?: string | undefined
}

/** 46 MB in two channels at 48 kHz; what lasts longer is no announcement. */
const mostS = 120

/** Commands that speak a text from their standard input into a WAV file at `path`, best first. */
function speakers(
  path: string,
  voice: string | undefined,
): readonly (readonly [program: string, ...words: string[]])[] {
  const espeak = ['--stdin', '-w', path]
  const piper = voice === undefined ? [] : [['piper', '--model', voice, '--output_file', path] as const]
  return [...piper, ['espeak-ng', ...espeak], ['espeak', ...espeak]]
}

/** Rejects with a message fit for a person. */
export async function loadClip(origin: ClipOrigin, options: ClipOptions): Promise<AudioBuffer> {
  const { openSource, timeoutMs } = options
  const signal = AbortSignal.timeout(timeoutMs)
  if ('location' in origin) return readWhole(origin.location, openSource, options, signal)
  const folder = await mkdtemp(join(tmpdir(), 'tutti-'))
  try {
    const path = join(folder, 'speech.wav')
    await speak(origin.text, path, options.voice, signal)
    return await readWhole(path, openSource, options, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function speak(text: string, path: string, voice: string | undefined, signal: AbortSignal): Promise<void> {
  for (const [program, ...words] of speakers(path, voice)) {
    const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'], signal })
    const complaint = complaintOf(child)
    const isMissing = new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(false))
      child.once('error', (error) => resolve('code' in error && error.code === 'ENOENT'))
    })
    const failing = failureOf(child, program)
    child.stdin.on('error', () => undefined) // it ended early; how it ended says why
    child.stdin.end(text)
    if (await isMissing) continue
    const failure = await failing
    if (failure === undefined) return
    throw new Error(`${failure}${complaint() && `: ${firstLine(complaint())}`}; the text cannot be spoken.`)
  }
  throw new Error('no program here can speak; install espeak-ng, or announce a sound file.')
}

async function readWhole(
  location: string,
  open: OpenSource,
  { sampleRate, channels, timeoutMs }: ClipOptions,
  signal: AbortSignal,
): Promise<AudioBuffer> {
  const opening = open(location, 0)
  const late = new Promise<never>((_, reject) => {
    const problem = new SourceProblem(location, `cannot be had within ${timeoutMs / 1000} s; check it.`)
    signal.addEventListener('abort', () => reject(problem), { once: true })
  })
  late.catch(() => undefined) // when nobody waits any more
  let source: AudioSource | undefined
  try {
    source = await Promise.race([opening, late])
    const parts: AudioBuffer[] = []
    const converter =
      source.sampleRate === sampleRate ? undefined : new SampleRateConverter(source.sampleRate, sampleRate, channels)
    let frames = 0
    for (;;) {
      const block = await Promise.race([source.read(), late])
      const mapped = block && mapChannels(block, channels)
      const audio =
        converter === undefined ? mapped : mapped === undefined ? converter.finish() : converter.convert(mapped)
      if (audio !== undefined) parts.push(audio)
      frames += audio?.length ?? 0
      if (frames > mostS * sampleRate)
        throw new SourceProblem(location, `is longer than ${mostS / 60} minutes; announce something shorter.`)
      if (block === undefined) return joined(parts, frames, { sampleRate, channels })
    }
  } finally {
    if (source !== undefined) await source.close()
    else opening.then((late) => late.close()).catch(() => undefined) // it is late, or its failure is on its way already
  }
}

function joined(
  parts: readonly AudioBuffer[],
  frames: number,
  { sampleRate, channels }: { readonly sampleRate: number; readonly channels: number },
): AudioBuffer {
  const whole = new AudioBuffer({ length: Math.max(frames, 1), sampleRate, numberOfChannels: channels })
  let at = 0
  for (const part of parts) {
    for (let channel = 0; channel < channels; channel++)
      whole.getChannelData(channel).set(part.getChannelData(channel), at)
    at += part.length
  }
  return whole
}
