/** Little-endian signed PCM of 16, 24 (packed in 3 bytes) or 32 bits: Sendspin's `pcm`, which every player must accept. */
import type { AudioFormat } from '@tutti/protocol'
import type AudioBuffer from 'audio-buffer'
import { BlockMaker } from './audio-block.js'
import type { Decoder } from './decoder.js'
import { checkBlock, type Encoder, type Packet } from './encoder.js'
import { checkFormat } from './formats.js'
import { dequantize, quantize, type Uniform } from './quantizer.js'

/**
 * Packets a second. PCM is for rooms that want to be as near to the source as can be, and a frame waits for the last of its
 * packet: 10 ms, a whole number of frames at every multiple of 100 Hz. (Sendspin asks for 15 ms at least, as a SHOULD, since June
 * 2026, to spare receivers.)
 */
const packetsPerSecond = 100

type Writer = (view: DataView, at: number, value: number) => void
type Reader = (view: DataView, at: number) => number

const writers: Readonly<Record<number, Writer>> = {
  16: (view, at, value) => view.setInt16(at, value, true),
  24: (view, at, value) => {
    view.setUint16(at, value & 0xffff, true)
    view.setInt8(at + 2, value >> 16)
  },
  32: (view, at, value) => view.setInt32(at, value, true),
}

const readers: Readonly<Record<number, Reader>> = {
  16: (view, at) => view.getInt16(at, true),
  24: (view, at) => view.getUint16(at, true) | (view.getInt8(at + 2) << 16),
  32: (view, at) => view.getInt32(at, true),
}

/** `uniform` adds dither to 16-bit output; see `quantize`. Throws when PCM does not come in `format`. */
export function createPcmEncoder(format: AudioFormat, uniform?: Uniform): Encoder {
  checkFormat(format, 'pcm')
  const bytesPerSample = format.bitDepth / 8
  const write = writers[format.bitDepth]!
  const encoder: Encoder = {
    format,
    codecHeader: undefined,
    packetFrames: Math.ceil(format.sampleRate / packetsPerSecond), // of common rates, 11 025 Hz alone is no multiple of 50
    lookaheadFrames: 0,
    holdFrames: Math.ceil(format.sampleRate / packetsPerSecond),
    encode(block: AudioBuffer): readonly Packet[] {
      checkBlock(encoder, block)
      const integers = quantize(block, format.bitDepth, uniform)
      const bytes = new Uint8Array(integers.length * bytesPerSample)
      const view = new DataView(bytes.buffer)
      for (let i = 0; i < integers.length; i++) write(view, i * bytesPerSample, integers[i]!)
      return [{ bytes, frames: block.length }]
    },
    flush: () => [],
    reset() {},
    close() {},
  }
  return encoder
}

/** Throws when PCM does not come in `format`. */
export function createPcmDecoder(format: AudioFormat): Decoder {
  checkFormat(format, 'pcm')
  const { channels, bitDepth } = format
  const blocks = new BlockMaker(format)
  const bytesPerSample = bitDepth / 8
  const read = readers[bitDepth]!
  return {
    format,
    decode(payload: Uint8Array): AudioBuffer | undefined {
      if (payload.length === 0 || payload.length % (bytesPerSample * channels) !== 0) return undefined
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
      const integers = new Int32Array(payload.length / bytesPerSample)
      for (let i = 0; i < integers.length; i++) integers[i] = read(view, i * bytesPerSample)
      return dequantize(integers, bitDepth, blocks)
    },
    reset() {},
    close() {},
  }
}
