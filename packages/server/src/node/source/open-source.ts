/** Opens a track, with ffmpeg where there is one and with decoders from npm where there is none. */
import { readStreamInfo } from '@tutti/codec'
import type { AudioSource, OpenSource } from '../../audio-source.js'
import { type AudioFile, inspectFile } from './audio-kind.js'
import { decodeFile } from './decode-file.js'
import { decodeWithFfmpeg } from './ffmpeg.js'
import { oggDurationMs } from './ogg-duration.js'
import { createPcmSource, type StartDecoding } from './pcm-source.js'
import { type FileTags, readTags } from './read-tags.js'
import { isUrl, SourceProblem } from './source-problem.js'
import { readWavHeader } from './wav-header.js'

/** The npm decoder for M4A holds the whole track decoded, at about 50 MB a minute. */
const maxBufferedMs = 600_000
const maxBufferedBytes = 20_000_000

/** A Xing or Info tag comes after a frame header and at most 32 bytes of side information. */
const xingEnd = 40

/**
 * `ffmpeg` is the command to run, from `findFfmpeg`, or undefined to do without.
 *
 * With ffmpeg, every source is 48 kHz stereo and anything ffmpeg reads plays, from http(s) too. Without, MP3, FLAC,
 * Ogg Opus, Ogg Vorbis, WAV and short M4A files play at their own rate. What a file is, its content says. Encoder delay
 * and padding are trimmed, but for the padding of M4A under ffmpeg 5: up to 23 ms of silence at its end.
 *
 * All rejections are SourceProblems: one line with the file's name, what happened, and what to do.
 */
export function createOpenSource(ffmpeg: string | undefined): OpenSource {
  return async (location, fromMs) => {
    if (isUrl(location)) return openUrl(ffmpeg, location, fromMs)
    const file = await inspectFile(location)
    const about = await readTags(location)
    const start = ffmpeg === undefined ? decodeAlone(file, about, fromMs) : withFfmpeg(ffmpeg, location, fromMs)
    return createPcmSource(start, {
      location,
      tags: about.tags,
      durationMs: about.durationMs ?? (await oggDurationMs(file)),
      fromMs,
      channels: about.channels,
      promisedMs: promisedMs(file, about),
    })
  }
}

function openUrl(ffmpeg: string | undefined, location: string, fromMs: number): Promise<AudioSource> {
  if (ffmpeg === undefined) throw new SourceProblem(location, 'playing from the network needs ffmpeg; install it.')
  return createPcmSource(withFfmpeg(ffmpeg, location, fromMs), {
    location,
    tags: {},
    durationMs: undefined,
    fromMs,
    channels: undefined,
    promisedMs: undefined,
  })
}

function withFfmpeg(ffmpeg: string, location: string, fromMs: number): StartDecoding {
  return (signal) => decodeWithFfmpeg(ffmpeg, location, fromMs, signal)
}

function decodeAlone(file: AudioFile, about: FileTags, fromMs: number): StartDecoding {
  const { path, kind } = file
  if (kind === undefined) {
    throw new SourceProblem(path, 'is not MP3, FLAC, Ogg, WAV or M4A; install ffmpeg to play other formats.')
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
