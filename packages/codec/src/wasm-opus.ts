/** Opus by libopus 1.6 in WebAssembly (`libopus-wasm`): the same code in Node, in worker threads and in pages. */
import type { AudioFormat } from '@tutti/protocol'
import * as libopus from 'libopus-wasm'
import type { Decoder } from './decoder.js'
import type { Encoder } from './encoder.js'
import { checkFormat } from './formats.js'
import { HandlePool } from './handle-pool.js'
import { completeOptions, type OpusOptions, opusDecoder, opusEncoder, packetFrames } from './opus-codec.js'

/** Rejects with a RangeError when Opus does not come in `format` or an option is out of range. */
export async function createOpusEncoder(format: AudioFormat, options: OpusOptions = {}): Promise<Encoder> {
  checkFormat(format, 'opus')
  const pool = await HandlePool.fill(() =>
    libopus.createEncoder({
      ...completeOptions(format, options),
      sampleRate: 48000,
      channels: format.channels as libopus.ChannelCount,
      frameSize: packetFrames,
      application: libopus.Application.Audio,
      signal: libopus.Signal.Music,
    }),
  )
  return opusEncoder(format, {
    lookaheadFrames: pool.peek().getLookahead(),
    encode: (interleaved) => pool.use().encodeFloat(interleaved),
    reset: () => pool.renew(),
    free: () => pool.free(),
  })
}

/** Rejects with a RangeError when Opus does not come in `format`. */
export async function createOpusDecoder(format: AudioFormat): Promise<Decoder> {
  checkFormat(format, 'opus')
  const channels = format.channels as libopus.ChannelCount
  const pool = await HandlePool.fill(() => libopus.createDecoder({ sampleRate: 48000, channels }))
  return opusDecoder(format, {
    decode(packet) {
      try {
        return pool.use().decodeFloat(packet)
      } catch (error) {
        if (libopus.isOpusError(error)) return undefined
        throw error
      }
    },
    reset: () => pool.renew(),
    free: () => pool.free(),
  })
}
