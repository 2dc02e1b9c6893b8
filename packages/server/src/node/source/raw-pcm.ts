/** PCM without a header, from a pipe or a program. */
import type { RawEncoding, RawFormat } from '../../location.js'
import { samplesReader } from './samples-reader.js'
import type { Pcm } from './stream-decoder.js'

const depths: Readonly<Record<RawEncoding, { readonly encoding: 'integer' | 'float'; readonly bitDepth: number }>> = {
  s16le: { encoding: 'integer', bitDepth: 16 },
  s24le: { encoding: 'integer', bitDepth: 24 },
  s32le: { encoding: 'integer', bitDepth: 32 },
  f32le: { encoding: 'float', bitDepth: 32 },
}

export function frameBytes({ encoding, channels }: RawFormat): number {
  return (channels * depths[encoding].bitDepth) / 8
}

/** Yields whole frames as they come; a frame may be split between chunks, never lost. */
export async function* readRaw(chunks: AsyncIterable<Uint8Array>, format: RawFormat): AsyncGenerator<Pcm> {
  const { channels, sampleRate, encoding } = format
  const perFrame = frameBytes(format)
  const toSamples = samplesReader({ ...depths[encoding], channels, sampleRate, frameBytes: perFrame })!
  let partial: Uint8Array = new Uint8Array(0)
  for await (const chunk of chunks) {
    const bytes = partial.length === 0 ? chunk : Buffer.concat([partial, chunk])
    const wholeBytes = bytes.length - (bytes.length % perFrame)
    partial = bytes.slice(wholeBytes)
    if (wholeBytes > 0) yield { channels: toSamples(bytes.subarray(0, wholeBytes)), sampleRate }
  }
}
