/** A room on this machine's own clock and loopback. What is asserted holds however slow the machine is. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalUs, ServerUs } from '@tutti/clock'
import {
  CleartextCodec,
  type ClientMessage,
  type Connection,
  clientSchemas,
  guardConnection,
  limitsForClients,
  type ServerMessage,
} from '@tutti/protocol'
import {
  connectWebSocket,
  listenWebSocket,
  MonotonicClock,
  MonotonicTimers,
  type WsListener,
} from '@tutti/protocol/node'
import { expect } from 'chai'
import { joinRoom, type Room, type RoomConfig, roomDefaults } from '../../src/node/player-room.js'
import type { PlayerEvent } from '../../src/session-status.js'
import { config as player } from '../conversation.js'

const clock = new MonotonicClock()
const timers = new MonotonicTimers(clock)
const wsOptions = { clock, timers, maxFrameBytes: 1e6, maxBufferedBytes: 4e6, heartbeatUs: 30e6 }

const pcm = { codec: 'pcm', sample_rate: 48_000, channels: 2, bit_depth: 16 } as const

/** A server that answers probes and plays a PCM sine as soon as a player is in step. */
class SmallServer {
  readonly heard: ClientMessage[] = []
  connection: Connection<ServerMessage> | undefined
  readonly attach = guardConnection<ClientMessage, ServerMessage>(
    (connection) => {
      this.connection = connection
      return {
        received: (item, at) => item.kind === 'message' && this.#received(item.message, at),
        refused: ({ code, detail }) => this.problems.push(`${code}: ${detail}`),
        closed: () => {
          if (this.connection === connection) this.connection = undefined
        },
      }
    },
    {
      codec: new CleartextCodec<ClientMessage, ServerMessage>(clientSchemas, { acceptsMedia: false }),
      from: 'client',
      limits: limitsForClients,
      clock,
      timers,
    },
  )
  readonly problems: string[] = []
  #playingTo: Connection<ServerMessage> | undefined

  say(message: ServerMessage): void {
    this.connection?.send({ kind: 'message', message })
  }

  #received(message: ClientMessage, at: LocalUs): void {
    if (message.type !== 'client/time') this.heard.push(message)
    if (message.type === 'client/hello') {
      const payload = { server_id: 'small', name: 'Small', version: 1, active_roles: ['player@v1'] }
      this.say({ type: 'server/hello', payload: { ...payload, connection_reason: 'playback' } })
    }
    if (message.type === 'client/time') {
      const { client_transmitted } = message.payload
      const readings = { server_received: at as never, server_transmitted: clock.now() as never }
      this.say({ type: 'server/time', payload: { client_transmitted, ...readings } })
    }
    if (message.type === 'client/state' && this.#playingTo !== this.connection) {
      this.say({ type: 'stream/start', payload: { player: pcm } })
      if (this.#playingTo === undefined) this.#play()
      this.#playingTo = this.connection
    }
  }

  #play(): void {
    const startsAt = clock.now() + 600_000
    for (let n = 0; n < 500; n++) {
      const payload = new Uint8Array(960 * 4)
      const samples = new DataView(payload.buffer)
      for (let i = 0; i < 960; i++) {
        const value = Math.round(8_000 * Math.sin((2 * Math.PI * 440 * (n * 960 + i)) / 48_000))
        samples.setInt16(4 * i, value, true)
        samples.setInt16(4 * i + 2, value, true)
      }
      const timestamp = (startsAt + n * 20_000) as number as ServerUs
      this.connection?.send({ kind: 'audio', chunk: { timestamp, payload } })
    }
  }
}

describe('joinRoom', () => {
  let folder: string
  let listening: WsListener | undefined
  let room: Room | undefined
  let server: SmallServer
  let events: PlayerEvent[]

  const join_ = async (changes: Partial<RoomConfig>): Promise<Room> => {
    room = await joinRoom({ ...roomDefaults, player, ...changes }, (event) => events.push(event))
    return room
  }
  const problems = () => events.flatMap((event) => (event.type === 'problem' ? [event.text] : []))
  /** Resolves as soon as it holds; a test that waits in vain is stopped by its timeout. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-room-'))
    server = new SmallServer()
    events = []
  })
  afterEach(async () => {
    await room?.stop()
    await listening?.close(1001, 'over')
    room = listening = undefined
    await rm(folder, { recursive: true })
  })

  const serve = async (): Promise<string> => {
    listening = await listenWebSocket(() => server.attach, {
      ...wsOptions,
      host: '127.0.0.1',
      port: 0,
      path: '/sendspin',
      maxConnections: 4,
    })
    return `ws://127.0.0.1:${listening.port}/sendspin`
  }

  it('dials a server, plays its stream, does what it is told, and remembers it', async () => {
    const settingsPath = join(folder, 'kitchen.json')
    const { status, on, stop } = await join_({ connection: { kind: 'dial', url: await serve() }, settingsPath })
    await until(() => status().state === 'playing' && status().chunks.decoded > 60)
    expect(status()).to.include({ name: 'Kitchen', server: 'Small', format: 'pcm/48000/2/16', playout: 'playing' })
    expect(status().chunks).to.include({ undecodable: 0, refused: 0, duplicate: 0, overlapping: 0 })
    expect(status().clockErrorBoundUs).to.be.within(0, 1e6)
    expect(room?.hearing()?.heardServerAt).to.be.greaterThan(0)

    const volumes: number[] = []
    const off = on((event) => event.type === 'volume' && volumes.push(event.volume))
    server.say({ type: 'server/command', payload: { player: { command: 'volume', volume: 12 } } })
    await until(() => volumes.length > 0)
    off()
    room?.set({ volume: 13 })
    expect(volumes).to.deep.equal([12])

    await stop('shutdown')
    await stop('shutdown')
    await until(() => server.heard.some(({ type }) => type === 'client/goodbye'))
    expect(server.heard.at(-1)).to.deep.equal({ type: 'client/goodbye', payload: { reason: 'shutdown' } })
    expect(JSON.parse(await readFile(settingsPath, 'utf8'))).to.include({ volume: 13, lastServerId: 'small' })
    expect(server.problems).to.deep.equal([])
    expect(problems()).to.deep.equal([])
  }).timeout(30_000)

  it('lets a server dial it', async () => {
    const { port, status } = await join_({
      connection: { kind: 'listen', port: 0, path: '/sendspin', advertised: false },
    })
    connectWebSocket(`ws://127.0.0.1:${port}/sendspin`, server.attach, wsOptions)
    await until(() => status().state === 'playing')
    expect(status().server).to.equal('Small')
  }).timeout(30_000)

  it('says in one line what is wrong with the server, and tries again', async () => {
    const { status } = await join_({ connection: { kind: 'dial', url: 'ws://127.0.0.1:1/sendspin' } })
    await until(() => problems().length > 0)
    expect(problems()[0]).to.match(/^no connection to a server: .*ECONNREFUSED.*; trying again$/)
    expect(status().state).to.be.oneOf(['waiting', 'connecting'])
  })

  it('leaves nothing running when the port is taken', async () => {
    await serve()
    const connection = { kind: 'listen', port: listening!.port, path: '/sendspin', advertised: false } as const
    const refusal = await joinRoom({ ...roomDefaults, player, connection }).catch((error: Error) => error.message)
    expect(refusal).to.match(/^port \d+ on 0.0.0.0 is taken/)
  })

  it('reaches a server over a second connection when the first goes silent, and leaves no other open', async () => {
    await serve()
    const network = await Network.open(listening!.port)
    try {
      const room = await join_({ connection: { kind: 'dial', url: `ws://127.0.0.1:${network.port}/sendspin` } })
      await until(() => room.status().playout === 'playing')
      network.isDown = true
      await until(() => network.refused > 1)
      network.isDown = false
      await until(() => room.status().connections === 2 && room.status().state === 'playing')
      expect(
        problems().filter((text) => /^Small was silent for \d+\.\d s; connected to it anew$/.test(text)),
      ).to.have.length(1)
      await until(() => network.open === 1)
      await room.stop()
      await until(() => network.open === 0)
    } finally {
      network.close()
    }
  }).timeout(20_000)
})

/** Between a room and its server. While it is down nothing passes, and what stood then never passes anything again. */
class Network {
  isDown = false
  refused = 0
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()

  static async open(to: number): Promise<Network> {
    const network = new Network(to)
    await new Promise<void>((resolve) => network.#server.listen(0, '127.0.0.1', resolve))
    return network
  }

  private constructor(to: number) {
    this.#server = createServer((near) => {
      near.on('error', () => undefined)
      if (this.isDown) {
        this.refused++
        return // it is never answered
      }
      const far = connectTcp(to, '127.0.0.1')
      const pair = [near, far] as const
      this.#pairs.add(pair)
      let isDead = false
      for (const [from, onto] of [pair, [far, near]] as const) {
        from.on('data', (bytes) => {
          isDead ||= this.isDown
          if (!isDead) onto.write(bytes)
        })
        from.on('error', () => undefined)
        from.on('close', () => {
          if (from === near) this.#pairs.delete(pair)
          if (from === near || !isDead) onto.destroy()
        })
      }
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections of the room that stand. */
  get open(): number {
    return this.#pairs.size
  }

  close(): void {
    this.#server.close()
    for (const sockets of this.#pairs) for (const socket of sockets) socket.destroy()
  }
}
