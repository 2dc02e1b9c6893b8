import { expect } from 'chai'
import {
  CleartextCodec,
  type ClientMessage,
  type Connection,
  clientSchemas,
  type Ending,
  guardConnection,
  limitsForClients,
  pairTransports,
  type Refusal,
  type ServerMessage,
  type Transport,
  type WireItem,
} from '../src/index.js'
import { HandTime } from './hand-time.js'

const hello = '{"type":"client/hello","payload":{"client_id":"c","name":"","version":1,"supported_roles":[]}}'

/** A guarded end and a raw one, with time and network in the test's hands. */
class World {
  readonly time = new HandTime()
  readonly received: WireItem<ClientMessage>[] = []
  readonly refusals: Refusal[] = []
  ending: Ending | undefined
  peerEnding: Ending | undefined
  peer: Transport | undefined
  connection: Connection<ServerMessage> | undefined
  readonly peerReceived: (string | Uint8Array)[] = []
  readonly #network: (() => void)[] = []

  constructor() {
    const { time } = this
    const codec = new CleartextCodec<ClientMessage, ServerMessage>(clientSchemas, { acceptsMedia: false })
    const guarded = guardConnection<ClientMessage, ServerMessage>(
      (connection) => {
        this.connection = connection
        return {
          received: (item) => void this.received.push(item),
          refused: (refusal) => void this.refusals.push(refusal),
          closed: (ending) => {
            this.ending = ending
          },
        }
      },
      { codec, from: 'client', limits: limitsForClients, clock: time, timers: time },
    )
    pairTransports(
      (transport) => {
        this.peer = transport
        return {
          received: (frame) => void this.peerReceived.push(frame),
          closed: (ending) => {
            this.peerEnding = ending
          },
        }
      },
      guarded,
      { clocks: [time, time], later: (run) => this.#network.push(run), maxBufferedBytes: 1e6 },
    )
    this.settle()
  }

  settle(): void {
    for (const run of this.#network.splice(0)) run()
    if (this.#network.length > 0) this.settle()
  }

  say(...frames: readonly (string | Uint8Array)[]): void {
    for (const frame of frames) this.peer?.send(frame)
    this.settle()
  }
}

describe('guardConnection', () => {
  it('hands on what is in order, and encodes what is sent', () => {
    const world = new World()
    world.say(hello)
    world.connection?.send({ kind: 'message', message: { type: 'stream/end', payload: {} } })
    world.settle()
    expect(world.received).to.have.length(1)
    expect(world.peerReceived).to.deep.equal(['{"type":"stream/end","payload":{}}'])
  })

  it('tells of what it drops and goes on', () => {
    const world = new World()
    world.say(hello, '{"type":"client/time","payload":{}}', '{"type":"client/time","payload":{"client_transmitted":1}}')
    expect(world.refusals.map(({ code }) => code)).to.deep.equal(['invalid-message'])
    expect(world.received).to.have.length(2)
    expect(world.ending).to.equal(undefined)
  })

  it('closes with the code and reason of the table, and takes nothing after that', () => {
    const world = new World()
    world.say(hello, 'nonsense', '{"type":"client/time","payload":{"client_transmitted":1}}')
    expect(world.received).to.have.length(1)
    expect(world.peerEnding).to.deep.equal({ by: 'peer', code: 4400, reason: 'a text frame is not JSON' })
    expect(world.ending?.by).to.equal('us')
  })

  it('closes when no hello has come in time, and not otherwise', () => {
    const silent = new World()
    silent.time.pass(9_999_999)
    expect(silent.refusals).to.deep.equal([])
    silent.time.pass(1)
    silent.settle()
    expect(silent.peerEnding).to.include({ code: 4408, reason: 'no hello in time' })
    const polite = new World()
    polite.say(hello)
    polite.time.pass(60_000_000)
    polite.settle()
    expect(polite.peerEnding).to.equal(undefined)
  })

  it('leaves no timer behind when the connection ends', () => {
    const world = new World()
    world.peer?.close(1000, '')
    world.settle()
    expect(world.time.waiting).to.equal(0)
  })

  it('lets a session refuse a peer for a reason of the table', () => {
    const world = new World()
    world.say(hello)
    world.connection?.refuse('client-replaced')
    world.settle()
    expect(world.peerEnding).to.include({ code: 4409, reason: 'the same client_id connected again' })
  })
})
