import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ServerTime } from '@tutti/protocol'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { WebSocket, WebSocketServer } from 'ws'
import type { AudioSource } from '../../src/audio-source.js'
import type { ServerEvent } from '../../src/event.js'
import type { RunningServer } from '../../src/node/live-server.js'
import { serve } from '../../src/node/serve.js'
import type { ControlOptions, ServeOptions } from '../../src/node/serve-options.js'

const second = 48_000

/** A sawtooth that counts frames, so that PCM shows which frame it is. */
function countingSource(seconds: number, fromMs: number): AudioSource {
  let frame = fromMs * 48
  return {
    sampleRate: second,
    channels: 2,
    durationMs: seconds * 1000,
    tags: { title: 'Counting' },
    async read() {
      if (frame >= seconds * second) return undefined
      const length = Math.min(4800, seconds * second - frame)
      const block = new AudioBuffer({ length, sampleRate: second, numberOfChannels: 2 })
      for (let i = 0; i < length; i++) block.getChannelData(0)[i] = ((frame + i) % 30_000) / 32_768
      frame += length
      return block
    },
    async close() {
      frame = Infinity
    },
  }
}

/** A client that says what it must and notes what it hears. */
class FakeClient {
  readonly messages: { readonly type: string; readonly payload: Record<string, never> }[] = []
  readonly audio: { readonly timestamp: number; readonly payload: Buffer }[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  readonly socket: WebSocket

  constructor(socket: WebSocket, id: string, codec = 'pcm') {
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.audio.push({ timestamp: Number(data.readBigInt64BE(1)), payload: data.subarray(9) })
      else this.messages.push(JSON.parse(data.toString()))
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    socket.on('error', () => undefined)
    const greet = (): void => {
      this.say('client/hello', {
        client_id: id,
        name: `Room ${id}`,
        version: 1,
        supported_roles: ['player@v1', 'controller@v1', 'metadata@v1', '_test@v1'],
        'player@v1_support': {
          supported_formats: [{ codec, channels: 2, sample_rate: second, bit_depth: 16 }],
          buffer_capacity: 500_000,
        },
      })
      const player = { volume: 40, muted: false, required_lead_time_ms: 200, supported_commands: ['volume', 'mute'] }
      this.say('client/state', { state: 'synchronized', player })
    }
    if (socket.readyState === WebSocket.OPEN) greet()
    else socket.once('open', greet)
  }

  say(type: string, payload: object): void {
    this.socket.send(JSON.stringify({ type, payload }))
  }

  last(type: string): Record<string, never> | undefined {
    return this.messages.filter((message) => message.type === type).at(-1)?.payload
  }
}

const control: ControlOptions = {
  names: [],
  page: undefined,
  admitsOthers: true,
  musicFolders: [],
  onPairingCode: () => undefined,
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (isSo()) return
    await setTimeout(10)
  }
  throw new Error(`waited in vain until ${what}`)
}

describe('serve', () => {
  let folder: string
  let server: RunningServer | undefined
  const sockets: WebSocket[] = []
  const events: ServerEvent[] = []
  const problems: string[] = []

  async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
    server = await serve({
      name: 'Test house',
      host: '127.0.0.1',
      port: 0,
      path: '/sendspin',
      control,
      stateFolder: folder,
      discovers: false,
      players: [],
      openSource: async (location, fromMs) => {
        if (location === 'missing') throw new Error('missing: there is no such file')
        return countingSource(60, fromMs)
      },
      encoder: {},
      appRoles: [],
      appMessages: {},
      sendAheadMs: 5000,
      onEvent: (event) => events.push(event),
      onProblem: (problem) => problems.push(problem),
      ...options,
    })
    return server
  }

  function join_(id: string, codec = 'pcm'): FakeClient {
    const socket = new WebSocket(`ws://127.0.0.1:${server!.port}/sendspin`)
    sockets.push(socket)
    return new FakeClient(socket, id, codec)
  }

  function ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${server!.port}${path}`, init)
  }

  async function command(
    body: object,
  ): Promise<{ status: number; body: { error?: { message: string }; result?: object } }> {
    const response = await ask('/api/commands', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as { error?: { message: string } } }
  }

  const group = (): string => server!.status().groups[0]!.id

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-serve-'))
    events.length = 0
    problems.length = 0
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate()
    await server?.stop()
    server = undefined
    await rm(folder, { recursive: true, force: true })
  })

  it('plays a track to two clients in different formats, sample for sample in step', async () => {
    await start()
    const [pcm, again, opus, flac] = [join_('a'), join_('b'), join_('c', 'opus'), join_('d', 'flac')]
    await until(
      () => server!.status().groups[0]!.clients.filter((client) => client.format).length === 4,
      'all have come',
    )
    await command({ command: 'addTracks', group: group(), tracks: [{ location: 'x' }] })
    expect((await command({ command: 'play', group: group() })).status).to.equal(200)
    await until(() => [pcm, again, opus, flac].every(({ audio }) => audio.length > 40), 'audio has come')
    expect(pcm!.messages.findIndex(({ type }) => type === 'stream/start')).to.be.above(0)
    // On a busy machine chunks may be left out, and silence put in, for all alike: what two hear at an instant is the same.
    const heard = new Map(pcm!.audio.map(({ timestamp, payload }) => [timestamp, payload]))
    const both = again!.audio.filter(({ timestamp }) => heard.has(timestamp))
    expect(both).to.have.length.greaterThan(20)
    for (const { timestamp, payload } of both) {
      const other = samplesOf(heard.get(timestamp)!)
      const apart = samplesOf(payload).map((value, n) => Math.abs(value - other[n]!))
      expect(Math.max(...apart), `what two hear at ${timestamp}`).to.be.at.most(2) // of the dither of either
    }
    // Where the source is heard it counts up; what is left are the fades around silence.
    const steps = pcm!.audio.flatMap(({ payload }) =>
      samplesOf(payload).flatMap((value, n, all) => (n > 0 && value !== 0 ? [value - all[n - 1]!] : [])),
    )
    expect(steps.length, 'frames that are heard').to.be.above(4_800)
    expect(steps.filter((step) => step === 1).length, 'frames that follow one another').to.be.above(0.8 * steps.length)
    // Opus lags by its look-ahead of 312 frames, 6.5 ms, and is stamped as much earlier; PCM comes every 10 ms.
    const after = (from: { readonly timestamp: number }): number => from.timestamp - pcm!.audio[0]!.timestamp
    for (const chunk of opus!.audio)
      expect(multipleOf(10_000, after(chunk) + 6500), `Opus at ${after(chunk)} µs`).to.equal(true)
    // Packets of 24 ms, which begin with one frame of silence, beside those of 10 ms.
    for (const chunk of flac!.audio)
      expect(multipleOf(2_000, after(chunk) + 1e6 / 48_000), `FLAC at ${after(chunk)} µs`).to.equal(true)
    expect(flac!.last('stream/start')!.player).to.have.property('codec_header')
    expect(pcm!.last('server/state')).to.have.property('metadata')
    expect(problems).to.deep.equal([])
  })

  /** Of the left channel. */
  function samplesOf(pcm: Buffer): readonly number[] {
    return Array.from({ length: pcm.length / 4 }, (_, n) => pcm.readInt16LE(4 * n))
  }

  /** Up to the rounding of timestamps. */
  function multipleOf(lengthUs: number, us: number): boolean {
    return Math.abs(us - Math.round(us / lengthUs) * lengthUs) <= 1
  }

  it('answers the clock with its own readings, in order and at once, also amid audio', async () => {
    await start()
    const client = join_('a')
    await until(() => server!.status().groups[0]!.clients.some((entry) => entry.format), 'it has come')
    await server!.command({ command: 'addTracks', group: group(), tracks: [{ location: 'x' }] })
    await server!.command({ command: 'play', group: group() })
    for (let i = 0; i < 20; i++) {
      client.say('client/time', { client_transmitted: 1000 + i })
      await setTimeout(5)
    }
    const answers = (): ServerTime[] =>
      client.messages.flatMap(({ type, payload }) => (type === 'server/time' ? [payload as unknown as ServerTime] : []))
    await until(() => answers().length === 20, 'all answers have come')
    for (const [i, answer] of answers().entries()) {
      expect(answer.client_transmitted).to.equal(1000 + i)
      expect(answer.server_transmitted).to.be.at.least(answer.server_received)
    }
  })

  describe('dialling', () => {
    let waiting: WebSocketServer
    let clients: FakeClient[]

    beforeEach(async () => {
      clients = []
      waiting = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/sendspin' })
      waiting.on('connection', (socket) => clients.push(new FakeClient(socket, 'dialled')))
      await until(() => waiting.address() !== null, 'it listens')
      await start({ players: [`ws://127.0.0.1:${(waiting.address() as AddressInfo).port}/sendspin`] })
      await until(
        () => server!.status().groups[0]!.clients.some(({ isConnected }) => isConnected),
        'it has been dialled',
      )
    })

    afterEach(() => {
      for (const { socket } of clients) socket.terminate()
      waiting.close()
    })

    it('comes back to a player that was lost', async () => {
      clients[0]!.socket.terminate()
      await until(() => clients.length === 2, 'it has been dialled again')
      await until(() => clients[1]!.last('server/hello') !== undefined, 'it has been greeted')
    })

    it('does not come back after a goodbye for good', async () => {
      await until(() => clients[0]!.last('server/hello') !== undefined, 'it has been greeted')
      clients[0]!.say('client/goodbye', { reason: 'user_request' })
      await until(() => clients[0]!.closed !== undefined, 'it has been let go')
      expect(clients[0]!.closed!.code).to.equal(1000)
      await setTimeout(1600) // the first pause before dialling again is 1.5 s at most
      expect(clients.length).to.equal(1)
    })
  })

  it('keeps what people set up over a restart, and ends every connection cleanly', async () => {
    await start()
    const client = join_('a')
    await until(() => client.messages.length > 2, 'it has come')
    await command({ command: 'renameClient', client: 'a', name: 'Kitchen' })
    await command({ command: 'addTracks', group: group(), tracks: [{ location: 'x' }, { location: 'y' }] })
    await server!.stop()
    await until(() => client.closed !== undefined, 'the client has heard of it')
    expect(client.closed!.code).to.equal(1001)
    const serverId = server!.status().server.id
    await start()
    const [home] = server!.status().groups
    expect(home!.clients.map(({ name }) => name)).to.deep.equal(['Kitchen'])
    expect(home!.queue.map(({ location }) => location)).to.deep.equal(['x', 'y'])
    expect(server!.status().server.id).to.equal(serverId)
    expect(JSON.parse(await readFile(join(folder, 'server.json'), 'utf8')).version).to.equal(1)
  })

  it('survives clients that talk nonsense, one line for each', async () => {
    await start()
    for (const words of ['{', '[]', '{"type":"client/hello","payload":{}}', '{"type":"client/init","payload":{}}']) {
      const socket = new WebSocket(`ws://127.0.0.1:${server!.port}/sendspin`)
      sockets.push(socket)
      const closed = new Promise<number>((resolve) => socket.on('close', resolve))
      socket.on('open', () => socket.send(words))
      expect(await closed).to.be.within(4400, 4499)
    }
    expect(problems.length).to.equal(4)
    const client = join_('fine')
    await until(() => client.last('server/hello') !== undefined, 'a sane client is served')
  })

  it('says which track could not be played, and why', async () => {
    await start()
    join_('a')
    await until(() => server!.status().groups[0]!.clients.some((entry) => entry.format), 'it has come')
    await server!.command({ command: 'addTracks', group: group(), tracks: [{ location: 'missing' }] })
    await server!.command({ command: 'play', group: group() })
    await until(() => events.some(({ type }) => type === 'nothingPlayable'), 'it gives up')
    expect(events.find((event) => event.type === 'trackSkipped')).to.include({
      reason: 'missing: there is no such file',
    })
  })

  it('says in one line when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await until(() => other.listening, 'it listens')
    const { port } = other.address() as AddressInfo
    const failure = await start({ port }).then(
      () => undefined,
      (error: Error) => error.message,
    )
    expect(failure).to.contain(`port ${port}`).and.to.contain('taken')
    other.close()
  })

  describe('control API', () => {
    it('shows everything, and takes commands one at a time', async () => {
      await start()
      const client = join_('a')
      await until(() => server!.status().groups[0]!.clients.some((entry) => entry.volume === 40), 'it has come')
      const status = (await (await ask('/api/status')).json()) as { groups: { clients: { name: string }[] }[] }
      expect(status.groups[0]!.clients[0]!.name).to.equal('Room a')
      expect(await command({ command: 'setVolume', client: 'a', volume: 25 })).to.deep.equal({
        status: 200,
        body: { result: {} },
      })
      await until(() => client.last('server/command') !== undefined, 'the player is told')
      expect(client.last('server/command')!.player).to.deep.equal({ command: 'volume', volume: 25 })
      const added = await command({ command: 'addTracks', group: group(), tracks: [{ location: 'x' }] })
      expect(added.body.result).to.have.property('entries')
    })

    it('says clearly what is wrong with a request', async () => {
      await start()
      const refused = await command({ command: 'play', group: 'nowhere' })
      expect(refused).to.deep.equal({
        status: 409,
        body: { error: { code: 'refused', message: 'there is no group nowhere' } },
      })
      expect((await command({ command: 'dance' })).status).to.equal(400)
      const invalid = await command({ command: 'setVolume', client: 'a', volume: 101 })
      expect(invalid.status).to.equal(400)
      expect(invalid.body.error!.message).to.contain('volume')
      const headers = { 'Content-Type': 'application/json' }
      expect((await ask('/api/commands', { method: 'POST', headers, body: '{' })).status).to.equal(400)
      expect((await ask('/api/commands', { method: 'POST', headers, body: 'null' })).status).to.equal(400)
      expect((await ask('/api/commands', { method: 'POST', body: '{}' })).status).to.equal(415)
      const large = JSON.stringify({ command: 'x'.repeat(9 * 2 ** 20) })
      expect((await ask('/api/commands', { method: 'POST', headers, body: large })).status).to.equal(413)
      expect((await ask('/api/commands')).status).to.equal(405)
      expect((await ask('/api/status', { method: 'POST' })).status).to.equal(405)
      expect((await ask('/nothing')).status).to.equal(404)
    })

    it('refuses web pages from elsewhere, on HTTP and on the WebSocket', async () => {
      await start()
      const headers = { Origin: 'http://evil.example' }
      expect((await ask('/api/status', { headers })).status).to.equal(403)
      const socket = new WebSocket(`ws://127.0.0.1:${server!.port}/api/events`, { headers })
      expect(await new Promise((resolve) => socket.on('error', ({ message }) => resolve(message)))).to.contain('403')
      const lost = new WebSocket(`ws://127.0.0.1:${server!.port}/elsewhere`)
      expect(await new Promise((resolve) => lost.on('error', ({ message }) => resolve(message)))).to.contain('404')
    })

    it('tells of changes and events as they happen, and takes commands on the same socket', async () => {
      await start()
      const socket = new WebSocket(`ws://127.0.0.1:${server!.port}/api/events`)
      sockets.push(socket)
      const heard: {
        type: string
        event?: ServerEvent
        request?: number
        error?: { code: string }
        status?: unknown
      }[] = []
      socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
      await until(() => heard.length === 1, 'the status has come')
      expect(heard[0]!.type).to.equal('status')
      join_('a')
      await until(() => heard.some(({ event }) => event?.type === 'clientJoined'), 'the event has come')
      await until(() => heard.filter(({ type }) => type === 'status').length > 1, 'the status has come again')
      socket.send(JSON.stringify({ request: 7, command: 'renameGroup', group: group(), name: 'Den' }))
      socket.send(JSON.stringify({ request: 8, command: 'renameGroup', group: 'nowhere', name: 'Den' }))
      await until(() => heard.filter(({ type }) => type === 'answer').length === 2, 'both answers have come')
      const answers = heard.filter(({ type }) => type === 'answer')
      expect(answers.find(({ request }) => request === 7)).to.have.property('result')
      expect(answers.find(({ request }) => request === 8)!.error!.code).to.equal('refused')
      await until(() => JSON.stringify(heard.at(-1)).includes('Den'), 'the new name has come')
    })
  })
})
