/** What every encoder and decoder promises, run against each pair. */
import type { AudioFormat } from '@tutti/protocol'
import { expect } from 'chai'
import type { Decoder } from '../src/decoder.js'
import type { Encoder } from '../src/encoder.js'
import { bestLag, cut, join, music, onGrid, snrDb } from './signal.js'

export interface CodecUnderTest {
  readonly format: AudioFormat
  /** Infinity: the same bits. */
  readonly minSnrDb: number
  readonly createEncoder: () => Promise<Encoder>
  readonly createDecoder: (codecHeader: string | undefined) => Promise<Decoder>
}

export function itKeepsTheCodecContract({ format, minSnrDb, createEncoder, createDecoder }: CodecUnderTest): void {
  const { sampleRate, channels, bitDepth } = format
  let encoder: Encoder
  let decoder: Decoder

  beforeEach(async () => {
    encoder = await createEncoder()
    decoder = await createDecoder(encoder.codecHeader)
  })
  afterEach(() => {
    encoder.close()
    decoder.close()
  })

  /** Half a second and a bit, so that the last block is short. */
  const sent = onGrid(music(Math.round(sampleRate * 0.51) + 7, channels, sampleRate), bitDepth)

  function encodeAll() {
    return [...cut(sent, encoder.packetFrames).flatMap((block) => encoder.encode(block)), ...encoder.flush()]
  }
  function decodeAll(packets: readonly { bytes: Uint8Array }[]) {
    return join(packets.map((packet) => decoder.decode(packet.bytes)!))
  }

  it('announces packets of 10 to 100 ms', () => {
    const packetMs = (encoder.packetFrames * 1000) / sampleRate
    expect(packetMs).to.be.within(10, 100)
  })

  it('decodes every packet to as many frames as it announces', () => {
    for (const packet of encodeAll()) {
      const block = decoder.decode(packet.bytes)!
      expect(block.length).to.equal(packet.frames)
      expect(block.sampleRate).to.equal(sampleRate)
      expect(block.numberOfChannels).to.equal(channels)
    }
  })

  it('gives back all frames, and at most a packet of silence more', () => {
    const owed = sent.length + encoder.lookaheadFrames
    const frames = encodeAll().reduce((sum, packet) => sum + packet.frames, 0)
    expect(frames).to.be.at.least(owed)
    expect(frames).to.be.below(owed + (minSnrDb === Infinity ? 1 : encoder.packetFrames))
  })

  it('delays by its look-ahead, to the sample', () => {
    const got = decodeAll(encodeAll())
    expect(bestLag(sent, got, 400)).to.equal(encoder.lookaheadFrames)
  })

  it('gives back what was sent', () => {
    expect(snrDb(sent, decodeAll(encodeAll()), encoder.lookaheadFrames)).to.be.at.least(minSnrDb)
  })

  it('survives payloads that are not packets, and decodes the next one', () => {
    const packets = encodeAll()
    const noise = Uint8Array.from({ length: 301 }, (_, i) => (i * 197 + (i >> 3) * 89) & 0xff)
    expect(decoder.decode(new Uint8Array(0))).to.equal(undefined)
    decoder.decode(noise)
    for (let length = 1; length < 40; length++) decoder.decode(packets[1]!.bytes.subarray(0, length))
    decoder.reset()
    expect(snrDb(sent, decodeAll(packets), encoder.lookaheadFrames)).to.be.at.least(minSnrDb)
  })

  it('encodes and decodes the same after a reset as when new', async () => {
    const first = encodeAll().map((packet) => [...packet.bytes])
    await new Promise(setImmediate)
    for (const block of cut(sent, encoder.packetFrames).slice(3, 6)) encoder.encode(block)
    encoder.reset()
    const packets = encodeAll()
    expect(packets.map((packet) => [...packet.bytes])).to.deep.equal(first)

    const once = decodeAll(packets)
    decoder.reset()
    const again = decodeAll(packets)
    expect([...again.getChannelData(0)]).to.deep.equal([...once.getChannelData(0)])
  })

  it('reads a payload that lies anywhere in a larger buffer', () => {
    const packet = encodeAll()[0]!
    const larger = new Uint8Array(packet.bytes.length + 10)
    larger.set(packet.bytes, 3)
    expect(decoder.decode(larger.subarray(3, 3 + packet.bytes.length))!.length).to.equal(packet.frames)
  })

  it('refuses a block of another rate, channel count or length', () => {
    expect(() => encoder.encode(music(10, channels, sampleRate / 2))).to.throw(RangeError)
    expect(() => encoder.encode(music(10, channels + 1, sampleRate))).to.throw(RangeError)
    expect(() => encoder.encode(music(encoder.packetFrames + 1, channels, sampleRate))).to.throw(RangeError)
  })

  it('closes twice', () => {
    encoder.encode(cut(sent, encoder.packetFrames)[0]!)
    encoder.close()
    encoder.close()
    decoder.close()
    decoder.close()
  })
}
