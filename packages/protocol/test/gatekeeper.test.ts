import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeAudio } from '../src/binary-frame.js'
import {
  CleartextCodec,
  type ClientMessage,
  clientSchemas,
  type Frame,
  Gatekeeper,
  limitsForClients,
  limitsForServers,
  type Message,
  type ServerMessage,
  serverSchemas,
} from '../src/index.js'
import { formatMessage } from '../src/message-text.js'
import { bytes, text } from './arbitrary-frame.js'

const start = 1_000_000 as LocalUs
const after = (us: number): LocalUs => (start + us) as LocalUs

function guardAgainstClient(): Gatekeeper<ClientMessage> {
  const codec = new CleartextCodec<ClientMessage, ServerMessage>(clientSchemas, { acceptsMedia: false })
  return new Gatekeeper(codec, 'client', limitsForClients, start)
}

function guardAgainstServer(): Gatekeeper<ServerMessage> {
  const codec = new CleartextCodec<ServerMessage, ClientMessage>(serverSchemas, { acceptsMedia: true })
  return new Gatekeeper(codec, 'server', limitsForServers, start)
}

const say = (type: string, payload: object): Frame => formatMessage({ type, payload })
const clientHello = say('client/hello', { client_id: 'c', name: 'Kitchen', version: 1, supported_roles: ['player@v1'] })
const serverHello = say('server/hello', {
  server_id: 's',
  name: 'House',
  version: 1,
  active_roles: ['player@v1'],
  connection_reason: 'discovery',
})
const time = say('client/time', { client_transmitted: 5 })
const streamStart = say('stream/start', { player: { codec: 'opus', sample_rate: 48_000, channels: 2 } })
const audio = encodeAudio({ timestamp: 5 as never, payload: Uint8Array.of(1) })

/** `code: action` for a refusal, the kind or message type for anything let through. */
function verdict<In extends Message>(keeper: Gatekeeper<In>, frame: Frame, at: LocalUs = start): string {
  const item = keeper.admit(frame, at)
  if (item.kind === 'violation') return `${item.code}: ${item.conduct.action}`
  return item.kind === 'message' ? item.message.type : item.kind
}

describe('Gatekeeper, against clients', () => {
  it('lets a well-behaved client through', () => {
    const keeper = guardAgainstClient()
    expect(verdict(keeper, clientHello)).to.equal('client/hello')
    expect(verdict(keeper, time)).to.equal('client/time')
    expect(keeper.counts.size).to.equal(0)
  })

  it('wants the hello first, whatever else comes', () => {
    const first: readonly [Frame, string][] = [
      [time, 'hello-missing: close'],
      [audio, 'hello-missing: close'],
      [say('client/telegram', {}), 'hello-missing: close'],
      [say('client/time', {}), 'hello-missing: close'],
      [
        say('client/init', { client_id: 'c', version: 1, suite: '25519_AESGCM_SHA256' }),
        'encryption-unsupported: close',
      ],
      [say('client/hello', { client_id: 'c' }), 'invalid-hello: close'],
      [say('client/hello', { ...JSON.parse(clientHello as string).payload, version: 2 }), 'unsupported-version: close'],
      ['hello?', 'invalid-json: close'],
    ]
    for (const [frame, expected] of first) expect(verdict(guardAgainstClient(), frame)).to.equal(expected)
  })

  it('waits ten seconds for the hello, no less and no more', () => {
    const keeper = guardAgainstClient()
    expect(keeper.helloDueAt).to.equal(after(10_000_000))
    expect(keeper.overdue(after(9_999_999))).to.equal(undefined)
    expect(keeper.overdue(after(10_000_000))?.conduct).to.deep.equal({
      action: 'close',
      closeCode: 4408,
      reason: 'no hello in time',
    })
  })

  it('finds nobody overdue once the hello has come', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    expect(keeper.overdue(after(1e9))).to.equal(undefined)
  })

  it('drops a second hello and audio, and goes on', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    expect(verdict(keeper, clientHello)).to.equal('hello-repeated: drop')
    expect(verdict(keeper, audio)).to.equal('unexpected-binary: drop')
    expect(verdict(keeper, time)).to.equal('client/time')
  })

  it('ignores any number of message types it does not know, and counts them', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    for (let i = 0; i < 1000; i++) {
      expect(verdict(keeper, say('client/_acme_lamp', {}), after(i * 10_000))).to.equal('unknown-message: ignore')
    }
    expect(keeper.counts.get('unknown-message')).to.equal(1000)
  })

  it('closes on faults that go on and on, and names the last', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    const wrong = say('client/state', { player: { volume: 'loud' } })
    for (let i = 0; i < 100; i++) expect(verdict(keeper, wrong)).to.equal('invalid-message: drop')
    const last = keeper.admit(wrong, start)
    expect(last).to.include({ kind: 'violation', code: 'too-many-faults' })
    expect(last)
      .to.have.property('detail')
      .that.matches(/invalid-message: client\/state: payload\.player\.volume/)
  })

  it('puts up with a fault a second for ever', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    const wrong = say('client/state', { player: { volume: 'loud' } })
    for (let s = 1; s < 10_000; s++) expect(verdict(keeper, wrong, after(s * 1e6))).to.equal('invalid-message: drop')
  })

  it('closes on a flood, but not on a burst', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    for (let i = 1; i < limitsForClients.text.burst; i++) expect(verdict(keeper, time)).to.equal('client/time')
    expect(verdict(keeper, time)).to.equal('flood: close')
    const calm = guardAgainstClient()
    verdict(calm, clientHello)
    for (let i = 1; i < 5000; i++) expect(verdict(calm, time, after(i * 5000))).to.equal('client/time')
  })

  it('does not look into a frame that is too large', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    expect(verdict(keeper, ' '.repeat(limitsForClients.textLength + 1))).to.equal('frame-too-large: close')
    expect(verdict(keeper, new Uint8Array(limitsForClients.binaryBytes + 1))).to.equal('frame-too-large: close')
  })

  it('lets an application’s own message through where it is registered', () => {
    const schemas = { ...clientSchemas, 'client/_tutti_echo': clientSchemas['client/time'] }
    const keeper = new Gatekeeper(
      new CleartextCodec(schemas, { acceptsMedia: false }),
      'client',
      limitsForClients,
      start,
    )
    verdict(keeper, clientHello)
    expect(verdict(keeper, say('client/_tutti_echo', { client_transmitted: 1 }))).to.equal('client/_tutti_echo')
  })
})

describe('Gatekeeper, against servers', () => {
  it('lets audio through between stream/start and stream/end only', () => {
    const keeper = guardAgainstServer()
    const conversation: readonly [Frame, string][] = [
      [serverHello, 'server/hello'],
      [audio, 'audio-out-of-stream: drop'],
      [say('stream/start', { artwork: { channels: [] } }), 'stream/start'],
      [audio, 'audio-out-of-stream: drop'],
      [streamStart, 'stream/start'],
      [audio, 'audio'],
      [say('stream/clear', {}), 'stream/clear'],
      [audio, 'audio'],
      [say('stream/end', { roles: ['artwork'] }), 'stream/end'],
      [audio, 'audio'],
      [say('stream/end', {}), 'stream/end'],
      [audio, 'audio-out-of-stream: drop'],
    ]
    for (const [frame, expected] of conversation) expect(verdict(keeper, frame)).to.equal(expected)
  })

  it('lets a server fill a whole buffer at once', () => {
    const keeper = guardAgainstServer()
    verdict(keeper, serverHello)
    verdict(keeper, streamStart)
    for (let i = 0; i < 12_000; i++) expect(verdict(keeper, audio)).to.equal('audio')
  })
})

describe('Gatekeeper, against anyone', () => {
  it('never throws and never lets a frame through that the codec would not', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, bytes), { maxLength: 30 }), (frames) => {
        const keeper = guardAgainstClient()
        keeper.admit(clientHello, start)
        for (const frame of frames) {
          const item = keeper.admit(frame, start)
          if (item.kind === 'message') expect(Object.keys(clientSchemas)).to.include(item.message.type)
          else expect(item.kind).to.equal('violation')
        }
      }),
    )
  })

  it('stays as small as it was, however much it is sent', () => {
    const keeper = guardAgainstClient()
    verdict(keeper, clientHello)
    for (let i = 0; i < 100_000; i++) keeper.admit(say(`client/_flood_${i}`, { i }), after(i))
    expect([...keeper.counts.keys()].sort()).to.deep.equal(['flood', 'unknown-message'])
    expect([...keeper.counts.values()].reduce((sum, count) => sum + count)).to.equal(100_000)
  })
})
