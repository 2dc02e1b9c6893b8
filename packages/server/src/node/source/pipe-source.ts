/** Standard input and named pipes that other programs write PCM to. */
import { close, constants, fstat, open } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { shift } from '@tutti/clock'
import type { AudioSource, TrackTags } from '../../audio-source.js'
import type { Location, RawFormat } from '../../location.js'
import { createLiveSource, type LiveFeed, type LiveTime } from './live-source.js'
import { frameBytes, readRaw } from './raw-pcm.js'
import { chunksOf } from './readable-chunks.js'
import { fileProblem, SourceProblem } from './source-problem.js'

/** A writer that is quiet for so long may have gone without knowing it. */
const quietUs = 5_000_000

/** Ends when the writer does: there is only one. */
export function openStdin(
  location: string,
  format: RawFormat,
  time: LiveTime,
  input: Readable,
  onProblem: (problem: string) => void,
): AudioSource {
  if (input.readableEnded) throw new SourceProblem(location, 'has ended; there is no more of it.')
  async function* listen(signal: AbortSignal) {
    yield* readRaw(chunksOf(input, signal), format)
    if (!signal.aborted) onProblem(new SourceProblem(location, 'has ended; the queue goes on.').message)
  }
  return createLiveSource({ ...rawFeed(location, format, true, onProblem), listen }, time)
}

/**
 * Never ends: writers come and go. It is opened for writing too, so that opening waits for no writer and the last one
 * to leave does not end it (Linux, fifo(7)).
 */
export async function openFifo(
  location: string,
  { path, format }: Extract<Location, { kind: 'fifo' }>,
  time: LiveTime,
  onProblem: (problem: string) => void,
): Promise<AudioSource> {
  const first = await openPipe(location, path)
  let next: Socket | undefined = first
  async function* listen(signal: AbortSignal) {
    const socket = next ?? (await openPipe(location, path))
    next = undefined
    const quiet = `nothing has come for ${quietUs / 1e6} s; silence until something does.`
    const tell = (): void => onProblem(new SourceProblem(location, quiet).message)
    yield* readRaw(sayingWhenQuiet(ownChunks(socket, signal), time, tell), format)
  }
  return createLiveSource({ ...rawFeed(location, format, false, onProblem), listen }, time)
}

const unknown: TrackTags = {}

/** All of a feed but where its audio comes from. */
export function rawFeed(
  location: string,
  format: RawFormat,
  isOverAtEnd: boolean,
  onProblem: (problem: string) => void,
): Omit<LiveFeed, 'listen'> {
  const { encoding: _, totalMs: __, ...held } = format
  const bytesPerS = format.sampleRate * frameBytes(format)
  return { ...held, location, bytesPerS, isOverAtEnd, onProblem, tags: () => unknown }
}

async function openPipe(location: string, path: string): Promise<Socket> {
  let descriptor: number | undefined
  try {
    descriptor = await promisify(open)(path, constants.O_RDWR | constants.O_NONBLOCK)
    const stat = await promisify(fstat)(descriptor)
    if (!stat.isFIFO()) throw new SourceProblem(location, 'is not a named pipe; make one with mkfifo.')
    return new Socket({ fd: descriptor, readable: true, writable: false })
  } catch (error) {
    if (descriptor !== undefined) close(descriptor)
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new SourceProblem(location, `there is no such pipe; make it with: mkfifo ${path}`)
    }
    throw fileProblem(location, error)
  }
}

/** `tell` is called once for each time nothing comes. */
async function* sayingWhenQuiet(
  chunks: AsyncIterable<Uint8Array>,
  { clock, timers }: LiveTime,
  tell: () => void,
): AsyncGenerator<Uint8Array> {
  const watch = (): (() => void) => timers.wakeAt(shift(clock.now(), quietUs), tell)
  let cancel = watch()
  try {
    for await (const chunk of chunks) {
      cancel()
      yield chunk
      cancel = watch()
    }
  } finally {
    cancel()
  }
}

async function* ownChunks(socket: Socket, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(socket, signal)
  } finally {
    socket.destroy()
  }
}
