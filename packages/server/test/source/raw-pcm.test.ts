import { expect } from 'chai'
import { type RawEncoding, rawEncodings } from '../../src/location.js'
import { readRaw } from '../../src/node/source/raw-pcm.js'

const format = { sampleRate: 48_000, channels: 2, latencyMs: 200 } as const

/** How each encoding writes a value of -1 to below 1. */
const written: Readonly<
  Record<RawEncoding, { readonly bytes: number; readonly write: (to: Buffer, v: number) => void }>
> = {
  s16le: { bytes: 2, write: (to, value) => to.writeInt16LE(Math.round(value * 2 ** 15)) },
  s24le: { bytes: 3, write: (to, value) => to.writeIntLE(Math.round(value * 2 ** 23), 0, 3) },
  s32le: { bytes: 4, write: (to, value) => to.writeInt32LE(Math.round(value * 2 ** 31)) },
  f32le: { bytes: 4, write: (to, value) => to.writeFloatLE(value) },
}

/** Chunks of these lengths, again and again, until all of `bytes` is in one. */
async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let from = 0, n = 0; from < bytes.length; n++) {
    const length = lengths[n % lengths.length]!
    yield bytes.subarray(from, from + length)
    from += length
  }
}

describe('PCM from a pipe', () => {
  for (const encoding of rawEncodings) {
    it(`in ${encoding} is read sample for sample, wherever the pipe cuts it`, async () => {
      const { bytes, write } = written[encoding]
      const values = Array.from({ length: 600 }, (_, i) => Math.sin(i) * 0.99)
      const all = Buffer.alloc(values.length * bytes)
      for (const [i, value] of values.entries()) write(all.subarray(i * bytes), value)
      const heard: number[] = []
      for await (const { channels, sampleRate } of readRaw(cut(all, [1, 7, 64, 2, 501]), { ...format, encoding })) {
        expect(sampleRate).to.equal(48_000)
        for (let i = 0; i < channels[0]!.length; i++) heard.push(channels[0]![i]!, channels[1]![i]!)
      }
      expect(heard).to.have.length(values.length)
      for (const [i, value] of values.entries())
        expect(heard[i]).to.be.closeTo(value, encoding === 's16le' ? 2e-5 : 1e-6)
    })
  }
})
