/** A station on the internet: decoded, its titles read, listened to anew when it breaks off or falls silent. */
import { Readable } from 'node:stream'
import type { AudioSource, TrackTags } from '../../audio-source.js'
import { type AudioKind, kindOf } from './audio-kind.js'
import { decodeBytes } from './decode-bytes.js'
import { decodeStreamWithFfmpeg } from './ffmpeg.js'
import type { HttpResponse } from './http-response.js'
import { IcyDemuxer, titleTags } from './icy-demuxer.js'
import { createLiveSource, type LiveTime } from './live-source.js'
import { chunksOf } from './readable-chunks.js'
import { SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'
import { findStream } from './stream-search.js'

export interface RadioOptions {
  /** Undefined to do without. */
  readonly ffmpeg: string | undefined
  readonly time: LiveTime
  readonly onProblem: (problem: string) => void
  /** Audio held, in ms: what a stall may last unheard. */
  readonly latencyMs: number
  /** A station that sends nothing for so long is asked anew. */
  readonly idleMs: number
}

/** Most stations send this much at once to begin with; stalls of the network are seldom longer. */
export const radioPatience = { latencyMs: 2000, idleMs: 10_000 }

/** Resolves once it is heard what is sent. */
export async function openRadio(url: string, first: HttpResponse, options: RadioOptions): Promise<AudioSource> {
  let tags: TrackTags = stationTags(first)
  const noteTitle = (title: string): void => {
    tags = titleTags(title)
  }
  const opening = new AbortController()
  const begun = receive(url, first, options, noteTitle, opening.signal)
  const start = await begun.next()
  if (start.done) throw new SourceProblem(url, 'sends no audio; check the address.')
  let isFirst = true
  async function* listen(signal: AbortSignal): AsyncGenerator<Pcm> {
    if (isFirst) {
      isFirst = false
      signal.addEventListener('abort', () => opening.abort())
      yield start.value as Pcm
      yield* begun
      return
    }
    const found = await findStream(url, signal)
    if (found.kind === 'hls') throw new SourceProblem(url, 'has changed; add it again.')
    yield* receive(url, found.response, options, noteTitle, signal)
  }
  const { sampleRate, channels } = start.value
  const { latencyMs, time, onProblem } = options
  return createLiveSource(
    {
      location: url,
      sampleRate,
      channels: channels.length,
      latencyMs,
      bytesPerS: undefined,
      listen,
      isOverAtEnd: false,
      tags: () => tags,
      onProblem,
    },
    time,
  )
}

const kindsByType: Readonly<Record<string, AudioKind>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/aac': 'aac',
  'audio/aacp': 'aac',
  'audio/flac': 'flac',
  'audio/x-flac': 'flac',
}
const ffmpegFormats: Readonly<Partial<Record<AudioKind, string>>> = {
  mp3: 'mp3',
  aac: 'aac',
  flac: 'flac',
  opus: 'ogg',
  vorbis: 'ogg',
}

async function* receive(
  url: string,
  { headers, mediaType, body }: HttpResponse,
  { ffmpeg, idleMs }: RadioOptions,
  noteTitle: (title: string) => void,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  body.setTimeout(idleMs, () => body.destroy(new SourceProblem(url, 'has sent nothing for a while.')))
  const intervalBytes = Number(headers['icy-metaint'] ?? 0)
  let breakage: unknown
  const audio = withoutTitles(chunksOf(body, signal), intervalBytes, noteTitle)
  try {
    const head = await audio.next()
    if (head.done) return
    const kind = kindsByType[mediaType] ?? kindOf(head.value)
    const chunks = noting(prepended(head.value, audio), (error) => {
      breakage = error
    })
    if (ffmpeg !== undefined) {
      const format = kind && ffmpegFormats[kind]
      yield* decodeStreamWithFfmpeg(ffmpeg, url, format, Readable.from(chunks, { objectMode: false }), signal)
    } else if (kind !== undefined) yield* decodeBytes(url, kind, chunks)
    else throw new SourceProblem(url, 'is not MP3, AAC, FLAC or Ogg; install ffmpeg to play other formats.')
    if (breakage !== undefined) throw breakage
  } finally {
    body.destroy()
  }
}

async function* withoutTitles(
  chunks: AsyncIterable<Uint8Array>,
  intervalBytes: number,
  noteTitle: (title: string) => void,
): AsyncGenerator<Uint8Array> {
  const demuxer = Number.isInteger(intervalBytes) && intervalBytes > 0 ? new IcyDemuxer(intervalBytes) : undefined
  for await (const chunk of chunks) {
    const { audio, title } = demuxer?.split(chunk) ?? { audio: chunk, title: undefined }
    if (title !== undefined) noteTitle(title)
    if (audio.length > 0) yield audio
  }
}

async function* prepended(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}

/** Keeps what broke the chunks, and ends: a child process that reads them could not tell. */
async function* noting(chunks: AsyncIterable<Uint8Array>, note: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    note(error)
  }
}

/** Until the first title comes, the station's name is all there is. */
function stationTags({ headers }: HttpResponse): TrackTags {
  const name = headers['icy-name']
  return typeof name === 'string' && name.trim() !== '' ? { title: name.trim() } : {}
}
