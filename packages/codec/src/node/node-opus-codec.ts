/**
 * Opus by `node-opus`: libopus 1.1 compiled on the user's machine. It is no faster than WebAssembly and the package is
 * archived, so it is loaded only when asked for.
 *
 * Load it in the main thread or in a worker thread, never in both of one process: it registers itself only once.
 */
import type { AudioFormat } from '@tutti/protocol'
import type { Decoder } from '../decoder.js'
import type { Encoder } from '../encoder.js'
import { checkFormat } from '../formats.js'
import { completeOptions, type OpusOptions, opusDecoder, opusEncoder, opusSampleRate } from '../opus-codec.js'

/** The part of `node-opus` that works without its own optional dependency; PCM is 16 bits, interleaved. */
interface NodeOpusCodec {
  encode(pcm: Buffer): Buffer
  /** Throws a TypeError when this is no Opus packet. */
  decode(packet: Buffer): Buffer
  setBitrate(bitrate: number): void
  applyEncoderCTL(request: number, value: number): void
  applyDecoderCTL(request: number, value: number): void
}
type NodeOpusConstructor = new (sampleRate: number, channels: number, application: number) => NodeOpusCodec

/** From opus_defines.h. */
const applicationAudio = 2049
const setComplexity = 4010
const resetState = 4028

/** The package cannot be asked. libopus 1.1 and later: 2.5 ms of MDCT overlap and 4 ms of delay compensation. */
const lookaheadFrames = 312

/** Rejects with one line that says what to do when `node-opus` cannot be loaded. */
export async function createNodeOpusEncoder(format: AudioFormat, options: OpusOptions = {}): Promise<Encoder> {
  checkFormat(format, 'opus')
  const codec = await createCodec(format)
  const { bitrate, complexity } = completeOptions(format, options)
  codec.setBitrate(bitrate)
  codec.applyEncoderCTL(setComplexity, complexity)
  return opusEncoder(format, {
    lookaheadFrames,
    encode: (interleaved) => codec.encode(toInt16(interleaved)),
    reset: () => codec.applyEncoderCTL(resetState, 0),
    free() {}, // with the garbage
  })
}

/** Rejects with one line that says what to do when `node-opus` cannot be loaded. */
export async function createNodeOpusDecoder(format: AudioFormat): Promise<Decoder> {
  checkFormat(format, 'opus')
  const codec = await createCodec(format)
  return opusDecoder(format, {
    decode(packet) {
      try {
        return fromInt16(codec.decode(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)))
      } catch {
        return undefined
      }
    },
    reset: () => codec.applyDecoderCTL(resetState, 0),
    free() {},
  })
}

async function createCodec(format: AudioFormat): Promise<NodeOpusCodec> {
  const name = 'node-opus' // a variable, or the compiler would want it installed
  let OpusEncoder: NodeOpusConstructor
  try {
    const module = (await import(name)) as { default: { OpusEncoder: NodeOpusConstructor } }
    OpusEncoder = module.default.OpusEncoder
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    throw new Error(`Opus backend node-opus cannot be loaded (${reason}); npm install node-opus, or use the default.`)
  }
  return new OpusEncoder(opusSampleRate, format.channels, applicationAudio)
}

function toInt16(samples: Float32Array): Buffer {
  const integers = new Int16Array(samples.length)
  for (let i = 0; i < samples.length; i++) {
    integers[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i]! * 32768)))
  }
  return Buffer.from(integers.buffer)
}

function fromInt16(bytes: Buffer): Float32Array {
  const samples = new Float32Array(bytes.length / 2)
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2) / 32768
  return samples
}
