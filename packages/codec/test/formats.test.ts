import { expect } from 'chai'
import { createDecoder } from '../src/create-decoder.js'
import { formatProblem, isSupportedFormat, preferredFormats } from '../src/formats.js'
import { createEncoder } from '../src/node/create-encoder.js'

const pcm = { codec: 'pcm', sampleRate: 48000, channels: 2, bitDepth: 16 } as const

describe('formats', () => {
  it('that we prefer can all be encoded and decoded', async () => {
    for (const format of preferredFormats) {
      const encoder = await createEncoder(format)
      ;(await createDecoder(format, encoder.codecHeader)).close()
      encoder.close()
    }
  })

  it('include one that every Sendspin player must accept', () => {
    expect(preferredFormats.map((format) => format.codec)).to.include.members(['flac', 'pcm'])
  })

  it('that nobody can encode are refused with a line that says what would do', async () => {
    const refused = [
      { ...pcm, codec: 'opus', sampleRate: 44100 },
      { ...pcm, codec: 'opus', channels: 6 },
      { ...pcm, codec: 'flac', bitDepth: 32 },
      { ...pcm, bitDepth: 12 },
      { ...pcm, sampleRate: 0 },
      { ...pcm, sampleRate: 44100.5 },
      { ...pcm, channels: 0 },
      { ...pcm, codec: 'toString' as 'pcm' },
    ] as const
    for (const format of refused) {
      expect(formatProblem(format)).to.match(/use .+\.$/)
      expect(isSupportedFormat(format)).to.equal(false)
      expect(await createEncoder(format).catch((error: unknown) => error)).to.be.instanceOf(RangeError)
      expect(await createDecoder(format).catch((error: unknown) => error)).to.be.instanceOf(RangeError)
    }
  })
})
