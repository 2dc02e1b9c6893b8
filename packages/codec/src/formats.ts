/** What this package can encode and decode, and what a player should ask for first. */
import type { AudioFormat, CodecName } from '@tutti/protocol'

interface Limits {
  readonly sampleRates: readonly number[]
  readonly maxChannels: number
  readonly bitDepths: readonly number[]
}

const pcmRates: readonly number[] = [
  8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000,
]

const limits: Readonly<Record<CodecName, Limits>> = {
  // libopus takes lower rates too, but its output is 48 kHz whatever went in (RFC 6716 §2.1.3). It has no bit depth.
  opus: { sampleRates: [48000], maxChannels: 2, bitDepths: [16, 24, 32] },
  flac: { sampleRates: pcmRates, maxChannels: 8, bitDepths: [16, 24] },
  pcm: { sampleRates: pcmRates, maxChannels: 8, bitDepths: [16, 24, 32] },
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
  const { sampleRates, maxChannels, bitDepths } = limits[codec]
  if (!sampleRates.includes(sampleRate)) return `${codec} at ${sampleRate} Hz; use ${sampleRates.join(', ')}.`
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
