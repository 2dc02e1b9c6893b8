/** One packet in a file, good and bad, with what becomes of it: test/fixtures/protocol. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  CleartextCodec,
  clientSchemas,
  type Frame,
  type Message,
  serverSchemas,
  type Violation,
  type ViolationCode,
  type WireItem,
} from '../src/index.js'

interface Packet {
  readonly why: string
  readonly from: 'client' | 'server'
  readonly json?: Message
  readonly text?: string
  readonly hex?: string
  /** `same`: decoded as it is in `json`, and encoded back to it. */
  readonly outcome:
    | 'same'
    | { readonly message: Message }
    | { readonly audio: { readonly timestamp: number; readonly payload: string } }
    | { readonly artwork: { readonly channel: number; readonly timestamp: number; readonly bytes: string } }
    | { readonly violation: ViolationCode; readonly detail: string }
}

const folder = new URL('../../../../test/fixtures/protocol/', import.meta.url)
const packets = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    name: file.slice(0, -'.json'.length),
    packet: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Packet,
  }))

const codecs = {
  client: new CleartextCodec(clientSchemas, { acceptsMedia: false }),
  server: new CleartextCodec(serverSchemas, { acceptsMedia: true }),
}

function frameOf({ json, text, hex }: Packet): Frame {
  if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, 'hex'))
  return text ?? JSON.stringify(json)
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What was decoded, in the words of the fixtures. */
function outcomeOf(item: WireItem<Message> | Violation): Exclude<Packet['outcome'], 'same'> {
  switch (item.kind) {
    case 'message':
      return { message: item.message }
    case 'audio':
      return { audio: { timestamp: item.chunk.timestamp, payload: hexOf(item.chunk.payload) } }
    case 'artwork':
      return { artwork: { ...item.image, bytes: hexOf(item.image.bytes) } }
    case 'violation':
      return { violation: item.code, detail: item.detail }
  }
}

describe('a packet', () => {
  for (const { name, packet } of packets) {
    it(`from the ${packet.from}, ${name}: ${packet.why}`, () => {
      const frame = frameOf(packet)
      const codec = codecs[packet.from]
      const item = codec.decode(frame)
      const actual = outcomeOf(item)
      const expected = packet.outcome === 'same' ? { message: packet.json } : packet.outcome
      if ('violation' in expected) {
        expect(actual).to.have.property('violation', expected.violation)
        expect(actual).to.have.property('detail').that.includes(expected.detail)
        expect((actual as { detail: string }).detail.length, 'detail fits in a log line').to.be.below(500)
        return
      }
      expect(actual).to.deep.equal(expected)
      if (item.kind === 'violation') return
      const encoded = codec.encode(item as never)
      expect(outcomeOf(codec.decode(encoded))).to.deep.equal(expected)
      if (packet.hex !== undefined) expect(encoded).to.deep.equal(frame)
    })
  }

  it('of every kind and with every fault the codec can find is among the fixtures', () => {
    const found = new Set<string>()
    for (const { packet } of packets) {
      const item = codecs[packet.from].decode(frameOf(packet))
      found.add(item.kind === 'message' ? item.message.type : item.kind === 'violation' ? item.code : item.kind)
    }
    expect([...found]).to.include.members([
      ...Object.keys(clientSchemas),
      ...Object.keys(serverSchemas),
      'audio',
      'artwork',
      'invalid-json',
      'invalid-envelope',
      'invalid-message',
      'unknown-message',
      'unknown-binary',
      'unexpected-binary',
      'binary-too-short',
      'invalid-timestamp',
    ])
  })
})
