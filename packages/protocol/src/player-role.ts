/** What the `player` role adds to messages. */
import { type AudioFormat, type CodecName, codecNames } from './audio-format.js'

/** An audio format as messages spell it; what we reckon with is `AudioFormat`. */
export interface WireFormat {
  /** Any name: a peer may list codecs this version has never heard of. */
  readonly codec: string
  readonly channels: number
  /** Hertz. */
  readonly sample_rate: number
  readonly bit_depth: number
}

/** `player@v1_support` in `client/hello`. */
export interface PlayerSupport {
  /** Most preferred first. */
  readonly supported_formats: readonly WireFormat[]
  /** Encoded bytes the player can hold. */
  readonly buffer_capacity: number
  /** Here until mid 2026, since then in `client/state`; take the two together. */
  readonly supported_commands?: readonly string[]
}

export const playerConditions = ['synchronized', 'error', 'external_source'] as const
/** error: cannot play in step just now. external_source: busy with something that is not ours. */
export type PlayerCondition = (typeof playerConditions)[number]

/** `player` in `client/state`: what changed since the last one. */
export interface PlayerState {
  /** Older clients say it here, newer ones beside `player`. */
  readonly state?: PlayerCondition
  /** Perceived loudness, 0 to 100: amplitude is (volume / 100) to the power of 1.5. */
  readonly volume?: number
  readonly muted?: boolean
  /** Delay of what follows the device, 0 to 5000; media plays this much earlier. */
  readonly static_delay_ms?: number
  /** The name of `static_delay_ms` since August 2026. */
  readonly output_delay_ms?: number
  /** Time needed between the first chunk's arrival and its timestamp. */
  readonly required_lead_time_ms?: number
  /** Buffered audio wanted at all times. */
  readonly min_buffer_ms?: number
  readonly supported_commands?: readonly string[]
}

/** `player` in `server/command`; send only what the client lists in `supported_commands`. */
export type PlayerCommand =
  | { readonly command: 'volume'; readonly volume: number }
  | { readonly command: 'mute'; readonly mute: boolean }
  | { readonly command: 'set_static_delay'; readonly static_delay_ms: number }
  | { readonly command: 'set_output_delay'; readonly output_delay_ms: number }

/** `player` in `stream/start`. */
export interface PlayerStream {
  readonly codec: CodecName
  readonly sample_rate: number
  readonly channels: number
  readonly bit_depth?: number
  /** Base64 with padding; for FLAC `fLaC` and the STREAMINFO block, 42 bytes; none for Opus and PCM. */
  readonly codec_header?: string
}

/** `player` in `stream/request-format`; what is absent stays as it is. */
export type PlayerFormatRequest = Partial<WireFormat>

/** Undefined when this version cannot speak the codec. */
export function toAudioFormat(format: WireFormat | PlayerStream): AudioFormat | undefined {
  const codec = codecNames.find((name) => name === format.codec)
  if (codec === undefined) return undefined
  return {
    codec,
    sampleRate: format.sample_rate,
    channels: format.channels,
    bitDepth: format.bit_depth ?? 16, // optional for Opus, which has no sample size
  }
}

export function toWireFormat(format: AudioFormat): WireFormat & { readonly codec: CodecName } {
  return {
    codec: format.codec,
    channels: format.channels,
    sample_rate: format.sampleRate,
    bit_depth: format.bitDepth,
  }
}
