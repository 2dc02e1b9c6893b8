import type { AudioFormat, CodecName } from '@tutti/protocol'
import type { Decoder } from './decoder.js'
import { createFlacDecoder } from './flac-decoder.js'
import { formatProblem } from './formats.js'
import { createPcmDecoder } from './pcm-codec.js'
import { createOpusDecoder } from './wasm-opus.js'

type Create = (format: AudioFormat, codecHeader: string | undefined) => Decoder | Promise<Decoder>

const creators: Readonly<Record<CodecName, Create>> = {
  opus: createOpusDecoder,
  flac: createFlacDecoder,
  pcm: createPcmDecoder,
}

/**
 * A decoder for what `stream/start` announces; runs in Node, in worker threads and in pages.
 * Rejects with a RangeError when the format is not supported or `codecHeader` contradicts it.
 */
export async function createDecoder(format: AudioFormat, codecHeader?: string): Promise<Decoder> {
  const problem = formatProblem(format)
  if (problem !== undefined) throw new RangeError(problem)
  return creators[format.codec](format, codecHeader)
}
