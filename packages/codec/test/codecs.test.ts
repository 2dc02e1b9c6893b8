import type { AudioFormat } from '@tutti/protocol'
import { createDecoder } from '../src/create-decoder.js'
import { createEncoder } from '../src/node/create-encoder.js'
import { createNodeOpusDecoder } from '../src/node/node-opus-codec.js'
import { itKeepsTheCodecContract } from './codec-contract.js'

const formats: readonly (AudioFormat & { readonly minSnrDb: number })[] = [
  { codec: 'pcm', sampleRate: 48000, channels: 2, bitDepth: 16, minSnrDb: Infinity },
  { codec: 'pcm', sampleRate: 44100, channels: 1, bitDepth: 24, minSnrDb: Infinity },
  { codec: 'pcm', sampleRate: 96000, channels: 2, bitDepth: 32, minSnrDb: Infinity },
  { codec: 'flac', sampleRate: 48000, channels: 2, bitDepth: 16, minSnrDb: Infinity },
  { codec: 'flac', sampleRate: 44100, channels: 1, bitDepth: 24, minSnrDb: Infinity },
  { codec: 'flac', sampleRate: 96000, channels: 2, bitDepth: 24, minSnrDb: Infinity },
  { codec: 'opus', sampleRate: 48000, channels: 2, bitDepth: 16, minSnrDb: 25 },
  { codec: 'opus', sampleRate: 48000, channels: 1, bitDepth: 16, minSnrDb: 25 },
]

for (const { minSnrDb, ...format } of formats) {
  describe(`${format.codec} of ${format.bitDepth} bits, ${format.channels} channels at ${format.sampleRate} Hz`, () => {
    itKeepsTheCodecContract({
      format,
      minSnrDb,
      createEncoder: () => createEncoder(format),
      createDecoder: (codecHeader) => createDecoder(format, codecHeader),
    })
  })
}

const format: AudioFormat = { codec: 'opus', sampleRate: 48000, channels: 2, bitDepth: 16 }

if (await isInstalled('node-opus')) {
  describe('opus by node-opus', () => {
    itKeepsTheCodecContract({
      format,
      minSnrDb: 25,
      createEncoder: () => createEncoder(format, { backend: 'node-opus' }),
      createDecoder: () => createNodeOpusDecoder(format),
    })
  })
} else {
  describe('opus by node-opus', () => {
    it.skip('keeps the codec contract (skipped: not installed)')
  })
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    await import(name)
    return true
  } catch {
    return false
  }
}
