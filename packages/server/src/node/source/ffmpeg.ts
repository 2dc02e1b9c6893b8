/** Decodes with the system's ffmpeg as a child process: any format, any place, at one rate. */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { complaintOf, failureOf } from './child-end.js'
import { readFloats } from './interleaved-floats.js'
import { isUrl, SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

/** What ffmpeg is asked for: it resamples and mixes well, and most of the network plays this. */
const sampleRate = 48_000
const channels = 2
const frameBytes = channels * 4
const common = ['-nostdin', '-hide_banner', '-loglevel', 'error']
const output = ['-map', '0:a:0', '-ac', String(channels), '-ar', String(sampleRate), '-f', 'f32le', 'pipe:1']
const quietly: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'] }

/** The command that runs ffmpeg, or undefined when there is none on the PATH that runs. */
export function findFfmpeg(): Promise<string | undefined> {
  return new Promise((found) => {
    execFile('ffmpeg', ['-version'], { timeout: 10_000 }, (error) => found(error === null ? 'ffmpeg' : undefined))
  })
}

/**
 * Yields stereo at 48 kHz from `fromMs` on. What is not read waits in the pipe, and ffmpeg with it, so memory does not
 * grow. The child is gone when the generator is.
 */
export function decodeWithFfmpeg(
  ffmpeg: string,
  location: string,
  fromMs: number,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  return run(location, spawn(ffmpeg, [...common, ...inputArguments(location, fromMs), ...output], quietly), signal)
}

/** The same for bytes that come from elsewhere; `format` is ffmpeg's name for what they are, undefined to let it find out. */
export function decodeStreamWithFfmpeg(
  ffmpeg: string,
  location: string,
  format: string | undefined,
  bytes: Readable,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  // Known formats need no second of audio to be recognised by.
  const input = format === undefined ? [] : ['-f', format, '-probesize', '16384', '-analyzeduration', '200000']
  const child = spawn(ffmpeg, [...common, '-fflags', '+nobuffer', ...input, '-i', 'pipe:0', ...output], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Whichever end breaks first, the other is told; the failure itself is seen by how the child and the stream end.
  pipeline(bytes, child.stdin, () => undefined)
  return run(location, child, signal)
}

async function* run(location: string, child: ChildProcess, signal: AbortSignal): AsyncGenerator<Pcm> {
  const failure = failureOf(child, 'ffmpeg')
  const complaint = complaintOf(child)
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  try {
    yield* readPcm(child)
    const reason = await failure
    if (reason === undefined || signal.aborted) return
    const problem = `cannot be decoded (${gist(complaint()) || reason}); check that it is audio and plays elsewhere.`
    throw new SourceProblem(location, problem)
  } finally {
    kill() // when left early; one that has ended does not mind
    signal.removeEventListener('abort', kill)
    await failure
  }
}

/** Arguments, never a shell line; `file:` keeps a path from being read as an option or a protocol. */
function inputArguments(location: string, fromMs: number): readonly string[] {
  const input = isUrl(location)
    ? ['-protocol_whitelist', 'http,https,tcp,tls,crypto,hls', '-i', location]
    : ['-protocol_whitelist', 'file', '-i', `file:${resolve(location)}`]
  // Before -i, -ss seeks close by the index and drops decoded audio up to the exact place.
  const seek = fromMs > 0 ? ['-ss', (fromMs / 1000).toFixed(6)] : []
  return [...seek, ...input]
}

async function* readPcm(child: ChildProcess): AsyncGenerator<Pcm> {
  let partial: Uint8Array = new Uint8Array(0)
  try {
    for await (const chunk of child.stdout!) {
      const bytes = partial.length === 0 ? (chunk as Buffer) : Buffer.concat([partial, chunk as Buffer])
      const wholeBytes = bytes.length - (bytes.length % frameBytes)
      partial = bytes.subarray(wholeBytes)
      if (wholeBytes > 0) yield { channels: readFloats(bytes.subarray(0, wholeBytes), channels), sampleRate }
    }
  } catch {
    // A pipe breaks only when the child could not start or died, which its exit tells better.
  }
}

/** The last line, without the memory addresses and file names ffmpeg puts before it. */
function gist(complaint: string): string {
  if (complaint.includes('matches no streams')) return 'there is no audio in it'
  const lastLine = complaint.split('\n').at(-1)!
  return lastLine
    .replace(/^\[[^\]]*\] /, '')
    .replace(/^.*: (?=[A-Z])/, '')
    .replace(/[.\s]+$/, '')
}
