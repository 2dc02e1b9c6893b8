/** WAV as it is read; 16, 24 and 32-bit integers come out bit for bit, as `audio-decode` would not give them. */
import { type SamplesReader, samplesReader } from './samples-reader.js'
import type { Pcm, StreamDecoder } from './stream-decoder.js'
import { readWavHeader, type WavHeader } from './wav-header.js'

/** Text and pictures may come before the audio, but not without end. */
const maxHeaderBytes = 1_000_000

/** `createOther` decodes what is neither integers of 16 bits or more nor 32-bit floats. */
export function createWavStreamDecoder(createOther: () => Promise<StreamDecoder>): StreamDecoder {
  let head: Uint8Array = new Uint8Array(0)
  let body: StreamDecoder | undefined

  return {
    async decode(chunk) {
      if (body !== undefined) return body.decode(chunk)
      head = Buffer.concat([head, chunk])
      const header = readWavHeader(head)
      if (header === undefined) {
        if (head.length > maxHeaderBytes) throw new Error('its WAV header is damaged')
        return []
      }
      const toSamples = samplesReader(header)
      body = toSamples === undefined ? await createOther() : createBody(header, toSamples)
      return body.decode(toSamples === undefined ? head : head.subarray(header.dataStart))
    },
    finish: async () => (body === undefined ? [] : body.finish()),
    free: () => body?.free(),
  }
}

function createBody(header: WavHeader, toSamples: SamplesReader): StreamDecoder {
  let bytesLeft = header.dataBytes ?? Infinity
  let partial: Uint8Array = new Uint8Array(0)
  return {
    async decode(chunk): Promise<readonly Pcm[]> {
      const bytes = Buffer.concat([partial, chunk.subarray(0, Math.max(0, bytesLeft - partial.length))])
      const wholeBytes = bytes.length - (bytes.length % header.frameBytes)
      partial = bytes.subarray(wholeBytes)
      bytesLeft -= wholeBytes
      if (wholeBytes === 0) return []
      return [{ channels: toSamples(bytes.subarray(0, wholeBytes)), sampleRate: header.sampleRate }]
    },
    finish: async () => [],
    free() {},
  }
}
