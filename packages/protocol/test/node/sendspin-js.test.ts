/** A client written by others, sendspin-js 3.2.1, against this package's codec, gatekeeper and WebSocket. */
import { register } from 'node:module'
import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import {
  CleartextCodec,
  type ClientMessage,
  clientSchemas,
  Gatekeeper,
  limitsForClients,
  type ServerMessage,
  type Transport,
} from '../../src/index.js'
import { listenWebSocket, MonotonicClock, MonotonicTimers, type WsListener } from '../../src/node/index.js'

interface DecodedChunk {
  readonly serverTimeUs: number
  readonly samples: readonly Float32Array[]
}

interface Core {
  onAudioData: (chunk: DecodedChunk) => void
  connect(): Promise<void>
  disconnect(reason: string): void
  sendCommand(command: string, parameters?: object): void
}

/** The package imports its own files without `.js`, which only bundlers understand. */
const resolveLikeABundler = `export async function resolve(specifier, context, next) {
  try { return await next(specifier, context) }
  catch (error) { if (!specifier.startsWith('.')) throw error; return next(specifier + '.js', context) }
}`

describe('sendspin-js as a client', () => {
  const clock = new MonotonicClock<ServerUs>()
  const heard: ClientMessage[] = []
  const refused: string[] = []
  const { log, warn } = console
  let listener: WsListener
  let core: Core
  let audio: Promise<DecodedChunk>
  let check = (): void => {}

  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (condition()) resolve()
      }
      check()
    })
  const heardOf = (type: ClientMessage['type']): ClientMessage | undefined => heard.find((it) => it.type === type)

  before(async () => {
    console.log = console.warn = () => {} // it is talkative
    Object.assign(globalThis, { WebSocket })
    register(`data:text/javascript,${encodeURIComponent(resolveLikeABundler)}`)
    listener = await listenWebSocket<ServerUs>(() => (transport) => serve(transport), {
      clock,
      timers: new MonotonicTimers(clock),
      host: '127.0.0.1',
      port: 0,
      path: '/sendspin',
      maxConnections: 1,
      maxFrameBytes: 65_536,
      maxBufferedBytes: 1_000_000,
      heartbeatUs: 30_000_000,
    })
    const { SendspinCore } = await import('@sendspin/sendspin-js' as string)
    core = new SendspinCore({
      baseUrl: `http://127.0.0.1:${listener.port}`,
      playerId: 'browser-1',
      clientName: 'Kitchen',
      codecs: ['pcm'],
    }) as Core
    audio = new Promise((resolve) => {
      core.onAudioData = resolve
    })
    await core.connect()
  })

  after(async () => {
    await listener.close(1001, 'test over')
    Object.assign(console, { log, warn })
    Reflect.deleteProperty(globalThis, 'WebSocket')
  })

  function serve(transport: Transport) {
    const codec = new CleartextCodec<ClientMessage, ServerMessage>(clientSchemas, { acceptsMedia: false })
    const gatekeeper = new Gatekeeper<ClientMessage, ServerUs>(codec, 'client', limitsForClients, clock.now())
    const send = (message: ServerMessage): void => {
      transport.send(codec.encode({ kind: 'message', message }))
    }
    const greet = (): void => {
      const active_roles = ['player@v1', 'controller@v1']
      const hello = { server_id: 's', name: 'House', version: 1, active_roles, connection_reason: 'playback' } as const
      const controller = { supported_commands: ['play', 'volume'], volume: 40, muted: false }
      const player = { codec: 'pcm', sample_rate: 48_000, channels: 2, bit_depth: 16 } as const
      const payload = new Uint8Array(960 * 2 * 2)
      new DataView(payload.buffer).setInt16(0, 16_384, true)
      transport.batch(() => {
        send({ type: 'server/hello', payload: hello })
        send({ type: 'server/state', payload: { controller } })
        send({ type: 'stream/start', payload: { player } })
        transport.send(codec.encode({ kind: 'audio', chunk: { timestamp: 5_000_000_000 as ServerUs, payload } }))
        send({ type: 'server/command', payload: { player: { command: 'set_static_delay', static_delay_ms: 120 } } })
      })
    }
    return {
      received(frame: string | Uint8Array, at: ServerUs): void {
        const item = gatekeeper.admit(frame, at)
        if (item.kind === 'violation') refused.push(`${item.code}: ${item.detail}`)
        if (item.kind !== 'message') return
        const { message } = item
        heard.push(message)
        if (message.type === 'client/hello') greet()
        if (message.type === 'client/time') {
          const { client_transmitted } = message.payload
          const server_transmitted = clock.now()
          send({ type: 'server/time', payload: { client_transmitted, server_received: at, server_transmitted } })
        }
        check()
      },
      closed(): void {},
    }
  }

  it('says a hello, a state and its clock’s time that we accept', async () => {
    await until(() => heardOf('client/state') !== undefined && heard.filter(isTime).length >= 8)
    expect(heardOf('client/hello')?.payload).to.deep.include({ client_id: 'browser-1', name: 'Kitchen', version: 1 })
    expect(heardOf('client/state')?.payload).to.have.nested.property('player.state', 'synchronized')
  })

  it('obeys our commands', async () => {
    await until(() => heard.some(({ payload }) => 'player' in payload && hasDelay(payload.player, 120)))
  })

  it('decodes our audio, sample and timestamp', async () => {
    const { serverTimeUs, samples } = await audio
    expect(serverTimeUs).to.equal(5_000_000_000)
    expect(samples.map(({ length }) => length)).to.deep.equal([960, 960])
    expect(samples[0]?.[0]).to.be.closeTo(0.5, 1e-4)
  })

  it('controls us, and says goodbye', async () => {
    core.sendCommand('volume', { volume: 33 })
    core.disconnect('shutdown')
    await until(() => heardOf('client/goodbye') !== undefined)
    expect(heardOf('client/command')?.payload).to.deep.equal({ controller: { command: 'volume', volume: 33 } })
    expect(heardOf('client/goodbye')?.payload).to.deep.equal({ reason: 'shutdown' })
    expect(refused).to.deep.equal([])
  })
})

function isTime({ type }: ClientMessage): boolean {
  return type === 'client/time'
}

function hasDelay(player: unknown, delayMs: number): boolean {
  return (
    typeof player === 'object' && player !== null && 'static_delay_ms' in player && player.static_delay_ms === delayMs
  )
}
