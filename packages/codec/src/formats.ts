/** What this package can encode and decode, and what a player should ask for first. */
import type { AudioFormat, CodecName } from '@tutti/protocol'

interface Limits {
  /** Hertz. */
  readonly minSampleRate: number
  readonly maxSampleRate: number
  readonly maxChannels: number
  readonly bitDepths: readonly number[]
}

const limits: Readonly<Record<CodecName, Limits>> = {
  // libopus takes lower rates too, but codes as if they were 48 kHz (RFC 6716 §2). It has no bit depth.
  opus: { minSampleRate: 48_000, maxSampleRate: 48_000, maxChannels: 2, bitDepths: [16, 24, 32] },
  flac: { minSampleRate: 8000, maxSampleRate: 192_000, maxChannels: 8, bitDepths: [16, 24] },
  pcm: { minSampleRate: 8000, maxSampleRate: 192_000, maxChannels: 8, bitDepths: [16, 24, 32] },
}

/**
 * In order of preference: Opus needs a sixth of the airtime of PCM; FLAC is lossless at half; PCM always works.
 * 48 kHz stereo, which is what most sound cards run at.
 */
export const preferredFormats: readonly AudioFormat[] = [
  { codec: 'opus', sampleRate: 48000, channels: 2, bitDepth: 16 },
  { codec: 'flac', sampleRate: 48000, channels: 2, bitDepth: 16 },
  { codec: 'flac', sampleRate: 48000, channels: 2, bitDepth: 24 },
  { codec: 'pcm', sampleRate: 48000, channels: 2, bitDepth: 16 },
  { codec: 'pcm', sampleRate: 48000, channels: 2, bitDepth: 24 },
]

/** Why `format` can be neither encoded nor decoded, in one line for a person; undefined when it can. */
export function formatProblem(format: AudioFormat): string | undefined {
  const { codec, sampleRate, channels, bitDepth } = format
  if (!Object.hasOwn(limits, codec)) return `Codec ${codec} is unknown; use ${Object.keys(limits).join(', ')}.`
  const { minSampleRate, maxSampleRate, maxChannels, bitDepths } = limits[codec]
  if (!Number.isInteger(sampleRate) || sampleRate < minSampleRate || sampleRate > maxSampleRate) {
    return `${codec} at ${sampleRate} Hz; use ${minSampleRate} to ${maxSampleRate}.`
  }
  if (!Number.isInteger(channels) || channels < 1 || channels > maxChannels) {
    return `${codec} with ${channels} channels; use 1 to ${maxChannels}.`
  }
  if (!bitDepths.includes(bitDepth)) return `${codec} of ${bitDepth} bits; use ${bitDepths.join(', ')}.`
  return undefined
}

export function isSupportedFormat(format: AudioFormat): boolean {
  return formatProblem(format) === undefined
}

/** Throws a RangeError unless `format` is a supported one of `codec`. */
export function checkFormat(format: AudioFormat, codec: CodecName): void {
  const problem = format.codec === codec ? formatProblem(format) : `Format is ${format.codec}, codec is ${codec}.`
  if (problem !== undefined) throw new RangeError(problem)
}
