/**
 * Opus: one packet (RFC 6716) a chunk, always 20 ms at 48 kHz, over whatever runs libopus.
 *
 * The encoder looks ahead, so what is decoded lags what was encoded by `lookaheadFrames`. There is no header on the wire
 * to tell a player so (Ogg's pre-skip, RFC 7845 §4.2): the server has to take it out of timestamps.
 */
import type { AudioFormat } from '@tutti/protocol'
import type AudioBuffer from 'audio-buffer'
import { BlockMaker } from './audio-block.js'
import type { Decoder } from './decoder.js'
import { checkBlock, type Encoder, type Packet } from './encoder.js'
import { checkFormat } from './formats.js'

export interface OpusOptions {
  /** Bits a second, 6000 to 510000; 80000 a channel unless given, where few ears tell it from the original. */
  readonly bitrate?: number
  /** 0 (fastest) to 10 (best, the default). 10 costs about 1 % of a core for each format, however many players. */
  readonly complexity?: number
}

/** What a library must do for us; PCM is interleaved, `packetFrames` long. */
export interface OpusEncoderState {
  readonly lookaheadFrames: number
  encode(interleaved: Float32Array): Uint8Array
  reset(): void
  /** Called once. */
  free(): void
}

export interface OpusDecoderState {
  /** Undefined when this is no Opus packet. */
  decode(packet: Uint8Array): Float32Array | undefined
  reset(): void
  /** Called once. */
  free(): void
}

export const opusSampleRate = 48_000
export const packetFrames = 960 // 20 ms: longer saves little at these rates, shorter costs quality and headers

/** The longest packet RFC 6716 §3.2 allows is 48 frames of 1275 bytes and their lengths; more is no Opus packet. */
const maxPacketBytes = 65_536

const defaultBitratePerChannel = 80_000

/** The options with every gap filled. */
export function completeOptions(format: AudioFormat, options: OpusOptions): Required<OpusOptions> {
  return {
    bitrate: options.bitrate ?? defaultBitratePerChannel * format.channels,
    complexity: options.complexity ?? 10,
  }
}

export function opusEncoder(format: AudioFormat, state: OpusEncoderState): Encoder {
  checkFormat(format, 'opus')
  const interleaved = new Float32Array(packetFrames * format.channels)
  /** Frames that went in and no packet decodes to yet. */
  let owedFrames = 0
  let isClosed = false

  const encoder: Encoder = {
    format,
    codecHeader: undefined,
    packetFrames,
    lookaheadFrames: state.lookaheadFrames,
    holdFrames: packetFrames,
    encode(block) {
      checkBlock(encoder, block)
      interleave(block, interleaved)
      owedFrames = state.lookaheadFrames - (packetFrames - block.length)
      return [{ bytes: state.encode(interleaved), frames: packetFrames }]
    },
    flush() {
      const packets: Packet[] = []
      if (owedFrames > 0) packets.push({ bytes: state.encode(interleaved.fill(0)), frames: packetFrames })
      encoder.reset()
      return packets
    },
    reset() {
      owedFrames = 0
      state.reset()
    },
    close() {
      if (!isClosed) state.free()
      isClosed = true
    },
  }
  return encoder
}

export function opusDecoder(format: AudioFormat, state: OpusDecoderState): Decoder {
  checkFormat(format, 'opus')
  const blocks = new BlockMaker(format)
  let isClosed = false
  return {
    format,
    decode(payload) {
      if (payload.length === 0 || payload.length > maxPacketBytes) return undefined
      const interleaved = state.decode(payload)
      return interleaved && deinterleave(interleaved, blocks)
    },
    reset: () => state.reset(),
    close() {
      if (!isClosed) state.free()
      isClosed = true
    },
  }
}

/** Writes `block` frame by frame into `into`, and silence after its end. */
function interleave(block: AudioBuffer, into: Float32Array): void {
  const channels = block.numberOfChannels
  for (let channel = 0; channel < channels; channel++) {
    const samples = block.getChannelData(channel)
    for (let frame = 0, at = channel; frame < samples.length; frame++, at += channels) into[at] = samples[frame]!
  }
  into.fill(0, block.length * channels)
}

function deinterleave(interleaved: Float32Array, blocks: BlockMaker): AudioBuffer {
  const { channels } = blocks
  const length = interleaved.length / channels
  const block = blocks.make(length)
  for (let channel = 0; channel < channels; channel++) {
    const samples = block.getChannelData(channel)
    for (let frame = 0, at = channel; frame < length; frame++, at += channels) samples[frame] = interleaved[at]!
  }
  return block
}
