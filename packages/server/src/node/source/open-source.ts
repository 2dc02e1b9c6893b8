/** Opens a track, with ffmpeg where there is one and with decoders from npm where there is none. */
import { dirname, resolve } from 'node:path'
import type { ServerUs } from '@tutti/clock'
import { readStreamInfo } from '@tutti/codec'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type { AudioSource, OpenSource } from '../../audio-source.js'
import { isPrivileged, type Location, parseLocation } from '../../location.js'
import { parseCue } from '../../playlist.js'
import { type AudioFile, inspectFile } from './audio-kind.js'
import { decodeDownload } from './decode-download.js'
import { decodeFile } from './decode-file.js'
import { decodeWithFfmpeg } from './ffmpeg.js'
import type { LiveTime } from './live-source.js'
import { oggDurationMs } from './ogg-duration.js'
import { createPcmSource, type StartDecoding } from './pcm-source.js'
import { openFifo, openStdin } from './pipe-source.js'
import { readPlaylistText } from './playlist-file.js'
import { openLineIn, openProgram } from './program-source.js'
import { openRadio, radioPatience } from './radio-source.js'
import { type FileTags, readTags } from './read-tags.js'
import { SourceProblem } from './source-problem.js'
import { findStream } from './stream-search.js'
import { takePart } from './track-part.js'
import { readWavHeader } from './wav-header.js'

/** The npm decoder for M4A holds the whole track decoded, at about 50 MB a minute. */
const maxBufferedMs = 600_000
const maxBufferedBytes = 20_000_000

/** A Xing or Info tag comes after a frame header and at most 32 bytes of side information. */
const xingEnd = 40

export interface SourceOptions {
  /** Whether tracks may run programs, read pipes and capture line inputs: whoever adds tracks can then do so too. */
  readonly allowsPrograms: boolean
  /** Locations that may be opened nevertheless, word for word: those the operator named. */
  readonly allowed?: readonly string[]
  /** Told, in one line, when a source that has been playing is lost and waited for. */
  readonly onProblem: (problem: string) => void
}

const cautious: SourceOptions = { allowsPrograms: false, onProblem: () => undefined }

/**
 * `ffmpeg` is the command to run, from `findFfmpeg`, or undefined to do without.
 *
 * With ffmpeg, every file is 48 kHz stereo and anything ffmpeg reads plays. Without, MP3, AAC, FLAC, Ogg Opus, Ogg
 * Vorbis, WAV and short M4A files play at their own rate. What a file is, its content says. Encoder delay and padding
 * are trimmed, but for the padding of M4A under ffmpeg 5: up to 23 ms of silence at its end.
 *
 * What a location may be: docs/sources.md. All rejections are SourceProblems: one line with the source's name, what
 * happened, and what to do.
 */
export function createOpenSource(ffmpeg: string | undefined, options = cautious): OpenSource {
  const clock = new MonotonicClock<ServerUs>()
  const time: LiveTime = { clock, timers: new MonotonicTimers<ServerUs>(clock) }
  return async (text, fromMs) => {
    const location = parseLocation(text)
    if (isPrivileged(location) && !options.allowsPrograms && !options.allowed?.includes(text)) {
      throw new SourceProblem(text, 'programs, pipes and line inputs are not allowed here; allow them at the start.')
    }
    switch (location.kind) {
      case 'file':
        return openFile(ffmpeg, location.path, fromMs)
      case 'cue':
        return openCueTrack(ffmpeg, location, fromMs)
      case 'url':
        return openUrl(ffmpeg, location.url, fromMs, time, options.onProblem)
      case 'stdin':
        return openStdin(text, location.format, time, process.stdin, options.onProblem)
      case 'fifo':
        return openFifo(text, location, time, options.onProblem)
      case 'exec':
        return openProgram(text, location, time, options.onProblem)
      case 'alsa':
        return openLineIn(text, location, time, options.onProblem)
      case 'unclear':
        throw new SourceProblem(text, location.problem)
    }
  }
}

async function openFile(ffmpeg: string | undefined, path: string, fromMs: number): Promise<AudioSource> {
  const file = await inspectFile(path)
  const about = await readTags(path)
  const start = ffmpeg === undefined ? decodeAlone(file, about, fromMs) : withFfmpeg(ffmpeg, path, fromMs)
  return createPcmSource(start, {
    location: path,
    tags: about.tags,
    durationMs: about.durationMs ?? (await oggDurationMs(file)),
    fromMs,
    channels: about.channels,
    promisedMs: promisedMs(file, about),
  })
}

async function openCueTrack(
  ffmpeg: string | undefined,
  { path, track: number }: Extract<Location, { kind: 'cue' }>,
  fromMs: number,
): Promise<AudioSource> {
  const track = parseCue(await readPlaylistText(path))[number - 1]
  if (track === undefined) throw new SourceProblem(path, `has no track ${number}; check the number.`)
  const { startMs, endMs, title, performer, place } = track
  const source = await openFile(ffmpeg, resolve(dirname(path), place), startMs + fromMs)
  const tags = { ...source.tags, ...(title && { title }), ...(performer && { artist: performer }), track: number }
  return takePart(source, { startMs, endMs, fromMs, tags })
}

async function openUrl(
  ffmpeg: string | undefined,
  url: string,
  fromMs: number,
  time: LiveTime,
  onProblem: (problem: string) => void,
): Promise<AudioSource> {
  const found = await findStream(url, new AbortController().signal)
  if (found.kind === 'radio') return openRadio(url, found.response, { ffmpeg, time, onProblem, ...radioPatience })
  const facts = {
    location: url,
    tags: {},
    durationMs: undefined,
    fromMs,
    channels: undefined,
    promisedMs: undefined,
  }
  if (ffmpeg !== undefined) {
    if (found.kind === 'file') found.response.body.destroy()
    return createPcmSource(withFfmpeg(ffmpeg, found.kind === 'file' ? found.response.url : found.url, fromMs), facts)
  }
  if (found.kind === 'hls') throw new SourceProblem(url, 'is an HLS stream, which needs ffmpeg; install it.')
  return createPcmSource((signal) => decodeDownload(url, found.response, fromMs, signal), facts)
}

function withFfmpeg(ffmpeg: string, location: string, fromMs: number): StartDecoding {
  return (signal) => decodeWithFfmpeg(ffmpeg, location, fromMs, signal)
}

function decodeAlone(file: AudioFile, about: FileTags, fromMs: number): StartDecoding {
  const { path, kind } = file
  if (kind === undefined) {
    throw new SourceProblem(path, 'is not MP3, AAC, FLAC, Ogg, WAV or M4A; install ffmpeg to play other formats.')
  }
  if (kind === 'm4a' && (file.sizeBytes > maxBufferedBytes || (about.durationMs ?? 0) > maxBufferedMs)) {
    throw new SourceProblem(path, 'is M4A longer than 10 minutes, which needs ffmpeg; install it.')
  }
  return (signal) => decodeFile(file, kind, fromMs, signal)
}

/** How long the header says the audio is, for the formats whose header counts it. */
function promisedMs({ kind, head }: AudioFile, about: FileTags): number | undefined {
  if (kind === 'flac') {
    const info = readStreamInfo(head)
    return info?.totalFrames && (info.totalFrames * 1000) / info.sampleRate
  }
  if (kind === 'wav') {
    const header = readWavHeader(head)
    return header?.dataBytes && (header.dataBytes * 1000) / (header.frameBytes * header.sampleRate)
  }
  if (kind === 'mp3') return countsFrames(head) ? about.durationMs : undefined
  return kind === 'm4a' ? about.durationMs : undefined
}

/** Whether an MP3 begins with the frame that counts the others; without it the length is a guess from the bit rate. */
function countsFrames(head: Uint8Array): boolean {
  return /Xing|Info/.test(Buffer.from(head.subarray(0, xingEnd)).toString('latin1'))
}
