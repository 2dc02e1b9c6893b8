import type { AudioFormat, CodecName } from '@tutti/protocol'
import type { Encoder } from '../encoder.js'
import { formatProblem } from '../formats.js'
import type { OpusOptions } from '../opus-codec.js'
import { createPcmEncoder } from '../pcm-codec.js'
import type { Uniform } from '../quantizer.js'
import { createOpusEncoder } from '../wasm-opus.js'
import { createFlacEncoder } from './flac-encoder.js'
import { createNodeOpusEncoder } from './node-opus-codec.js'

export interface EncoderOptions extends OpusOptions {
  /** Adds dither to 16-bit PCM and FLAC of audio finer than that; none unless given. */
  readonly uniform?: Uniform
  /** What encodes Opus; `libopus-wasm` unless given. */
  readonly backend?: 'libopus-wasm' | 'node-opus'
}

type Create = (format: AudioFormat, options: EncoderOptions) => Encoder | Promise<Encoder>

const creators: Readonly<Record<CodecName, Create>> = {
  opus: (format, options) =>
    options.backend === 'node-opus' ? createNodeOpusEncoder(format, options) : createOpusEncoder(format, options),
  flac: (format, options) => createFlacEncoder(format, options.uniform),
  pcm: (format, options) => createPcmEncoder(format, options.uniform),
}

/** Rejects with a RangeError when the format is not supported, with an Error when the back-end cannot be loaded. */
export async function createEncoder(format: AudioFormat, options: EncoderOptions = {}): Promise<Encoder> {
  const problem = formatProblem(format)
  if (problem !== undefined) throw new RangeError(problem)
  return creators[format.codec](format, options)
}
