/** The committed sound files (see make-fixtures.sh there), what they hold, and how to hear them. */
import { fileURLToPath } from 'node:url'
import type AudioBuffer from 'audio-buffer'
import type { AudioSource } from '../../src/audio-source.js'

export interface Fixture {
  readonly file: string
  readonly frames: number
  readonly sampleRate: number
  readonly channels: number
  /** Of the decoded left channel against the formula it was made from; Infinity is not claimed for 16 bits. */
  readonly minSnrDb: number
}

export const fixtures: readonly Fixture[] = [
  { file: 'tone.mp3', frames: 52920, sampleRate: 44100, channels: 2, minSnrDb: 20 },
  { file: 'tone.flac', frames: 30870, sampleRate: 44100, channels: 2, minSnrDb: 80 },
  { file: 'tone-opus.ogg', frames: 57600, sampleRate: 48000, channels: 2, minSnrDb: 12 },
  { file: 'tone-vorbis.ogg', frames: 52920, sampleRate: 44100, channels: 2, minSnrDb: 15 },
  { file: 'tone.m4a', frames: 52920, sampleRate: 44100, channels: 2, minSnrDb: 15 },
]

/** Compiled tests run from dist/; the files stay in the source tree. */
export function fixturePath(file: string): string {
  return fileURLToPath(new URL(`../../../test/source/fixtures/${file}`, import.meta.url))
}

/** What the left channel of every stereo fixture was made from. */
export function tone(frame: number, sampleRate: number): number {
  const t = frame / sampleRate
  return 0.4 * Math.sin(2 * Math.PI * 440 * t) + 0.2 * Math.sin(2 * Math.PI * (660 + 200 * t) * t)
}

/** Signal to noise of `samples` against the tone from frame `from` on, in dB. */
export function toneSnrDb(samples: Float32Array, sampleRate: number, from = 0): number {
  let signal = 0
  let noise = 0
  for (let i = 0; i < samples.length; i++) {
    const wanted = tone(from + i, sampleRate)
    signal += wanted ** 2
    noise += (samples[i]! - wanted) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

export async function readAll(source: AudioSource): Promise<readonly AudioBuffer[]> {
  const blocks: AudioBuffer[] = []
  for (let block = await source.read(); block !== undefined; block = await source.read()) blocks.push(block)
  return blocks
}

export function framesOf(blocks: readonly AudioBuffer[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0)
}

export function channelOf(blocks: readonly AudioBuffer[], channel: number): Float32Array {
  const samples = new Float32Array(framesOf(blocks))
  let at = 0
  for (const block of blocks) {
    samples.set(block.getChannelData(channel), at)
    at += block.length
  }
  return samples
}
