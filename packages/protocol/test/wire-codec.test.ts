import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeBinary, encodeAudio } from '../src/binary-frame.js'
import {
  type ArtworkImage,
  type AudioChunk,
  CleartextCodec,
  type ClientMessage,
  clientSchemas,
  type ServerMessage,
  serverSchemas,
  type WireItem,
} from '../src/index.js'
import { bytes, text } from './arbitrary-frame.js'

const fromClients = new CleartextCodec<ClientMessage, ServerMessage>(clientSchemas, { acceptsMedia: false })
const fromServers = new CleartextCodec<ServerMessage, ClientMessage>(serverSchemas, { acceptsMedia: true })

const timestamp = fc.maxSafeInteger() as fc.Arbitrary<number> as fc.Arbitrary<ServerUs>
const clearable = fc.option(fc.string({ maxLength: 50 }))
const volume = fc.integer({ min: 0, max: 100 })
const optional = { requiredKeys: [] as [] }

const chunk: fc.Arbitrary<AudioChunk> = fc.record({
  timestamp,
  payload: fc.uint8Array({ minLength: 1, maxLength: 400 }),
})
const image: fc.Arbitrary<ArtworkImage> = fc.record({
  channel: fc.integer({ min: 0, max: 3 }),
  timestamp,
  bytes: fc.uint8Array(),
})

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({
    type: fc.constant('client/time' as const),
    payload: fc.record({ client_transmitted: fc.maxSafeInteger() }),
  }),
  fc.record({
    type: fc.constant('client/state' as const),
    payload: fc.record(
      {
        state: fc.constantFrom('synchronized' as const, 'error' as const, 'external_source' as const),
        player: fc.record(
          { volume, muted: fc.boolean(), static_delay_ms: fc.integer({ min: 0, max: 5000 }) },
          optional,
        ),
      },
      optional,
    ),
  }),
  fc.record({
    type: fc.constant('client/command' as const),
    payload: fc.record({
      controller: fc.oneof(
        fc.record({ command: fc.constant('volume' as const), volume }),
        fc.record({ command: fc.constantFrom('play' as const, 'switch' as const) }),
      ),
    }),
  }),
)

const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('server/time' as const),
    payload: fc.record({
      client_transmitted: fc.maxSafeInteger(),
      server_received: timestamp,
      server_transmitted: timestamp,
    }),
  }),
  fc.record({
    type: fc.constant('server/state' as const),
    payload: fc.record({
      metadata: fc.record(
        { timestamp, title: clearable, artist: clearable, year: fc.option(fc.integer()) },
        { requiredKeys: ['timestamp'] },
      ),
    }),
  }),
  fc.record({
    type: fc.constant('stream/clear' as const),
    payload: fc.record({ roles: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }) }, optional),
  }),
)

describe('CleartextCodec', () => {
  it('decodes what it encoded, whatever a client says', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        const item: WireItem<ClientMessage> = { kind: 'message', message }
        expect(fromClients.decode(fromServers.encode(item))).to.deep.equal(plain(item))
      }),
    )
  })

  it('decodes what it encoded, whatever a server says, plays or shows', () => {
    const item: fc.Arbitrary<WireItem<ServerMessage>> = fc.oneof(
      serverMessage.map((message) => ({ kind: 'message' as const, message })),
      chunk.map((chunk) => ({ kind: 'audio' as const, chunk })),
      image.map((image) => ({ kind: 'artwork' as const, image })),
    )
    fc.assert(
      fc.property(item, (sent) => {
        const received = fromServers.decode(fromClients.encode(sent))
        expect(received).to.deep.equal(sent.kind === 'message' ? plain(sent) : sent)
      }),
    )
  })

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(text, bytes), (frame) => {
        for (const codec of [fromClients, fromServers]) expect(codec.decode(frame)).to.have.property('kind')
      }),
      { numRuns: 1000 },
    )
  })

  it('reads a frame that lies anywhere in a larger buffer', () => {
    const frame = encodeAudio({ timestamp: 123_456_789_012 as ServerUs, payload: Uint8Array.of(1, 2, 3) })
    const larger = new Uint8Array(frame.length + 7)
    larger.set(frame, 5)
    expect(fromServers.decode(larger.subarray(5, 5 + frame.length))).to.deep.equal({
      kind: 'audio',
      chunk: { timestamp: 123_456_789_012, payload: Uint8Array.of(1, 2, 3) },
    })
  })
})

describe('encodeAudio', () => {
  const sent = { timestamp: 5_000_000 as ServerUs, payload: Uint8Array.of(1, 2, 3) }

  it('puts the lead into four more bytes for the generation that wants it, and the payload survives', () => {
    const frame = encodeAudio(sent, 250_000)
    expect([...frame.subarray(9, 13)]).to.deep.equal([0x00, 0x03, 0xd0, 0x90])
    expect(decodeBinary(frame, 13)).to.deep.equal({ kind: 'audio', chunk: sent })
  })

  it('says 0 when late and the largest number when too early', () => {
    expect([...encodeAudio(sent, -1).subarray(9, 13)]).to.deep.equal([0, 0, 0, 0])
    expect([...encodeAudio(sent, 1e12).subarray(9, 13)]).to.deep.equal([255, 255, 255, 255])
  })
})

/** As JSON has it: fast-check's records have no prototype. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
