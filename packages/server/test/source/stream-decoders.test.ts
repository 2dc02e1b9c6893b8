import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { kindOf } from '../../src/node/source/audio-kind.js'
import { createFlacStreamDecoder } from '../../src/node/source/flac-stream-decoder.js'
import type { StreamDecoder } from '../../src/node/source/stream-decoder.js'
import { createWavStreamDecoder } from '../../src/node/source/wav-stream-decoder.js'
import { fixturePath } from './fixtures.js'

/** The first channel of all that comes out when `bytes` go in `chunkBytes` at a time. */
async function decodeInChunks(decoder: StreamDecoder, bytes: Uint8Array, chunkBytes: number): Promise<number[]> {
  const samples: number[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const pcm of await decoder.decode(bytes.subarray(at, at + chunkBytes))) samples.push(...pcm.channels[0]!)
  }
  for (const pcm of await decoder.finish()) samples.push(...pcm.channels[0]!)
  decoder.free()
  return samples
}

const noOther = () => Promise.reject(new Error('another decoder was asked for'))

describe('FLAC as it is read', () => {
  it('gives the same samples however the file is cut', async () => {
    const bytes = await readFile(fixturePath('tone.flac'))
    const whole = await decodeInChunks(createFlacStreamDecoder(), bytes, bytes.length)
    expect(whole).to.have.length(30870)
    for (const chunkBytes of [977, 4096, 16_384]) {
      expect(await decodeInChunks(createFlacStreamDecoder(), bytes, chunkBytes)).to.deep.equal(whole)
    }
  })

  it('loses only the frame that is damaged', async () => {
    const bytes = await readFile(fixturePath('tone.flac'))
    const whole = await decodeInChunks(createFlacStreamDecoder(), bytes, 4096)
    bytes[bytes.length >> 1]! ^= 0x55
    const damaged = await decodeInChunks(createFlacStreamDecoder(), bytes, 4096)
    expect(whole.length - damaged.length).to.equal(4608)
    expect(damaged.slice(-4608)).to.deep.equal(whole.slice(-4608))
  })
})

describe('WAV as it is read', () => {
  /** Two channels at 44.1 kHz, an odd chunk before the audio and another after it. */
  function wav(tag: number, bitDepth: number, data: Buffer): Buffer {
    const format = Buffer.alloc(16)
    format.writeUInt16LE(tag, 0)
    format.writeUInt16LE(2, 2)
    format.writeUInt32LE(44100, 4)
    format.writeUInt16LE((2 * bitDepth) / 8, 12)
    format.writeUInt16LE(bitDepth, 14)
    const chunk = (name: string, body: Buffer) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(body.length)
      return Buffer.concat([Buffer.from(name), length, body, Buffer.alloc(body.length & 1)])
    }
    const chunks = [
      chunk('odd ', Buffer.from('abc')),
      chunk('fmt ', format),
      chunk('data', data),
      chunk('LIST', Buffer.alloc(50, 99)),
    ]
    return Buffer.concat([chunk('RIFF', Buffer.alloc(0)), Buffer.from('WAVE'), ...chunks])
  }

  const values = Array.from({ length: 1000 }, (_, i) => Math.round(Math.sin(i / 9) * 32767) - (i === 500 ? 1 : 0))

  const cases = [
    { name: '16-bit', tag: 1, bitDepth: 16, put: (b: Buffer, v: number, at: number) => b.writeInt16LE(v, at) },
    { name: '24-bit', tag: 1, bitDepth: 24, put: (b: Buffer, v: number, at: number) => b.writeIntLE(v * 256, at, 3) },
    { name: '32-bit', tag: 1, bitDepth: 32, put: (b: Buffer, v: number, at: number) => b.writeInt32LE(v * 65536, at) },
    { name: 'float', tag: 3, bitDepth: 32, put: (b: Buffer, v: number, at: number) => b.writeFloatLE(v / 32768, at) },
  ]
  for (const { name, tag, bitDepth, put } of cases) {
    it(`gives ${name} samples bit for bit, however the file is cut, and nothing of what follows`, async () => {
      const data = Buffer.alloc((values.length * 2 * bitDepth) / 8)
      values.forEach((value, i) => {
        put(data, value, (i * 2 * bitDepth) / 8)
      })
      const wanted = values.map((value) => value / 32768)
      for (const chunkBytes of [7, 1000, 1_000_000]) {
        const got = await decodeInChunks(createWavStreamDecoder(noOther), wav(tag, bitDepth, data), chunkBytes)
        expect(got).to.deep.equal(wanted)
      }
    })
  }
})

describe('kindOf', () => {
  const files = [
    ['tone.mp3', undefined], // begins with a tag, which inspectFile passes over
    ['tone.flac', 'flac'],
    ['tone-opus.ogg', 'opus'],
    ['tone-vorbis.ogg', 'vorbis'],
    ['tone.m4a', 'm4a'],
    ['tone.wav', 'wav'],
  ] as const
  for (const [file, kind] of files) {
    it(`takes the first bytes of ${file} for ${kind ?? 'nothing it knows'}`, async () => {
      expect(kindOf(await readFile(fixturePath(file)))).to.equal(kind)
    })
  }

  it('tells frames of layer III, of layer II and of AAC apart', () => {
    expect(kindOf(Uint8Array.of(0xff, 0xfb, 0x90, 0x64))).to.equal('mp3')
    expect(kindOf(Uint8Array.of(0xff, 0xfd, 0x90, 0x64))).to.equal(undefined)
    expect(kindOf(Uint8Array.of(0xff, 0xf1, 0x50, 0x80))).to.equal('aac')
  })
})
