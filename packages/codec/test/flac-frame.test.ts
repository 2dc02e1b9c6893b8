import type { AudioFormat } from '@tutti/protocol'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import fc from 'fast-check'
import { createDecoder } from '../src/create-decoder.js'
import { decodeFlacFrame } from '../src/flac-frame.js'
import { readStreamInfo } from '../src/flac-header.js'
import { createFlacEncoder } from '../src/node/flac-encoder.js'
import { cut, join, music, onGrid, snrDb } from './signal.js'

const format: AudioFormat = { codec: 'flac', sampleRate: 48000, channels: 2, bitDepth: 16 }

/** Each makes libFLAC choose other subframes: constant, verbatim, fixed, linear, wasted bits, left/mid/side. */
const signals: Readonly<Record<string, (i: number, channel: number) => number>> = {
  silence: () => 0,
  'a constant': () => 1234 / 32768,
  'white noise': (i, channel) => (((Math.imul(i + 7 * channel, 2654435761) ^ (i << 7)) >> 16) | 0) / 32768,
  'a ramp': (i) => (i % 30000) / 32768,
  'a pure tone': (i) => Math.sin(i * 0.05) * 0.9,
  'equal channels': (i) => Math.sin(i * 0.05) * 0.5 + Math.sin(i * 1.7) * 0.2,
  'opposite channels': (i, channel) => (channel === 0 ? 1 : -1) * Math.sin(i * 0.013) * 0.9,
  'unused low bits': (i) => (Math.round(Math.sin(i * 0.02) * 100) * 256) / 32768,
  'full scale': (i) => (i % 50 < 25 ? 32767 / 32768 : -1),
  'one channel alone': (i, channel) => (channel === 0 ? Math.sin(i * 0.3) : 0),
}

/** What the encoder puts before what it is given. */
const aheadFrames = 1

async function encoded(sent: AudioBuffer, of: AudioFormat): Promise<Uint8Array[]> {
  const encoder = await createFlacEncoder(of)
  const blocks = cut(sent, encoder.packetFrames)
  const packets = [...blocks.flatMap((block) => encoder.encode(block)), ...encoder.flush()]
  encoder.close()
  return packets.map((packet) => packet.bytes)
}

describe('FLAC frames', () => {
  for (const [name, sample] of Object.entries(signals)) {
    it(`give back ${name} bit for bit`, async () => {
      for (const bitDepth of [16, 24]) {
        const raw = new AudioBuffer({ length: 4000, numberOfChannels: 2, sampleRate: 48000 })
        for (const channel of [0, 1]) {
          raw.copyToChannel(
            Float32Array.from({ length: raw.length }, (_, i) => sample(i, channel)),
            channel,
          )
        }
        const sent = onGrid(raw, bitDepth)
        const decoder = await createDecoder({ ...format, bitDepth })
        const got = join((await encoded(sent, { ...format, bitDepth })).map((bytes) => decoder.decode(bytes)!))
        expect(got.length).to.equal(aheadFrames + sent.length)
        for (const channel of [0, 1]) {
          expect(got.getChannelData(channel).subarray(aheadFrames)).to.deep.equal(sent.getChannelData(channel))
        }
      }
    })
  }

  it('come with the last frame they are of, not a packet later', async () => {
    const encoder = await createFlacEncoder(format)
    for (const block of cut(onGrid(music(5 * 1152, 2, 48000), 16), encoder.packetFrames))
      expect(encoder.encode(block).map(({ frames }) => frames)).to.deep.equal([1152])
    encoder.close()
  })

  it('decode when several share a payload', async () => {
    const sent = onGrid(music(3456, 2, 48000), 16)
    const packets = await encoded(sent, format)
    const decoder = await createDecoder(format)
    expect(snrDb(sent, decoder.decode(Buffer.concat(packets))!, aheadFrames)).to.equal(Infinity)
  })

  it('are refused when they would unfold to more than a second', async () => {
    const silence = new AudioBuffer({ length: 1152, numberOfChannels: 2, sampleRate: 48000 })
    const [bytes] = await encoded(silence, format)
    const decoder = await createDecoder(format)
    expect(decoder.decode(Buffer.concat(Array(41).fill(bytes)))!.length).to.equal(41 * 1152)
    expect(decoder.decode(Buffer.concat(Array(42).fill(bytes)))).to.equal(undefined)
  })

  it('are refused whole when any bit of them is wrong', async () => {
    const [bytes] = await encoded(onGrid(music(1152, 2, 48000), 16), format)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes!.length * 8 - 1 }), (bit) => {
        const damaged = bytes!.slice()
        damaged[bit >> 3]! ^= 0x80 >> (bit & 7)
        expect(decodeFlacFrame(damaged, 0, format)).to.be.oneOf(['corrupt', 'cut short'])
      }),
    )
  })

  it('ask for more when cut anywhere', async () => {
    const [bytes] = await encoded(onGrid(music(1152, 2, 48000), 16), format)
    for (let length = 0; length < bytes!.length; length += 7) {
      expect(decodeFlacFrame(bytes!.subarray(0, length), 0, format)).to.equal('cut short')
    }
  })

  it('that are random bytes are survived', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (noise) => {
        const bytes = Uint8Array.of(0xff, 0xf8, ...noise)
        expect(decodeFlacFrame(bytes, 0, format)).to.be.oneOf(['corrupt', 'cut short'])
      }),
    )
  })
})

describe('the FLAC codec header', () => {
  it('is 42 bytes that say what the stream is, and that no other metadata follows', async () => {
    const encoder = await createFlacEncoder({ ...format, sampleRate: 44100, bitDepth: 24 })
    const bytes = Buffer.from(encoder.codecHeader!, 'base64')
    encoder.close()
    expect(bytes).to.have.length(42)
    expect(bytes[4]).to.equal(0x80)
    expect(readStreamInfo(bytes)).to.deep.equal({
      sampleRate: 44100,
      channels: 2,
      bitDepth: 24,
      maxBlockFrames: 1152,
      totalFrames: undefined,
    })
  })

  it('is refused when it contradicts the format or is no header', async () => {
    const encoder = await createFlacEncoder(format)
    const header = encoder.codecHeader!
    encoder.close()
    for (const [of, codecHeader] of [
      [{ ...format, sampleRate: 44100 }, header],
      [format, 'AAAA'],
      [format, '*** not base64 ***'],
    ] as const) {
      const failure = await createDecoder(of, codecHeader).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(RangeError)
    }
  })
})
