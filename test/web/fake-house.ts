/** A house that is only told, for pictures of the page and for hours that pass in seconds. It obeys no command. */
import { createReadStream } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pageFolder } from '@tutti/web'
import { type WebSocket, WebSocketServer } from 'ws'

const kinds: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css',
  svg: 'image/svg+xml',
}

interface Room {
  readonly id: string
  readonly name: string
  readonly group: string
  readonly isAway?: boolean
  readonly volume: number
  readonly outputDelayMs?: number
  /** What its readings wander around, and how far, µs. */
  readonly lateUs: number
  readonly wanderUs: number
  readonly boundUs: number
  readonly driftPpm: number
  readonly roundTripUs: number
  readonly output: string
  readonly dropouts?: number
}

const rooms: readonly Room[] = [
  {
    id: 'kitchen',
    name: 'Kitchen',
    group: 'downstairs',
    volume: 46,
    lateUs: 1,
    wanderUs: 6,
    boundUs: 620,
    driftPpm: 12.4,
    roundTripUs: 900,
    output: 'USB DAC',
  },
  {
    id: 'living',
    name: 'Living room',
    group: 'downstairs',
    volume: 62,
    lateUs: -2,
    wanderUs: 5,
    boundUs: 480,
    driftPpm: -3.1,
    roundTripUs: 400,
    output: 'HiFiBerry DAC+',
    outputDelayMs: 12,
  },
  {
    id: 'terrace',
    name: 'Terrace',
    group: 'downstairs',
    volume: 30,
    lateUs: 4,
    wanderUs: 30,
    boundUs: 2300,
    driftPpm: 21.7,
    roundTripUs: 3900,
    output: 'bcm2835 Headphones',
    dropouts: 2,
  },
  {
    id: 'bath',
    name: 'Bathroom',
    group: 'downstairs',
    isAway: true,
    volume: 40,
    lateUs: 0,
    wanderUs: 0,
    boundUs: 0,
    driftPpm: 0,
    roundTripUs: 0,
    output: '',
  },
  {
    id: 'study',
    name: 'Study',
    group: 'study',
    volume: 25,
    lateUs: 2,
    wanderUs: 5,
    boundUs: 470,
    driftPpm: 5.5,
    roundTripUs: 380,
    output: 'USB Audio CODEC',
  },
]

const album = { artist: 'The Lanterns', album: 'Slow Weather', albumArtist: 'The Lanterns' }
const queue = [
  ['e1', 'Harbour Lights', 214],
  ['e2', 'Paper Boats', 187],
  ['e3', 'Slow Weather', 262],
  ['e4', 'North Window', 229],
  ['e5', 'What the River Said', 305],
  ['e6', 'Salt', 168],
  ['e7', 'Evening, Twice', 241],
].map(([id, title, seconds]) => ({
  id: id as string,
  title: title as string,
  location: `/music/The Lanterns/Slow Weather/${title}.flac`,
  durationMs: (seconds as number) * 1000,
  tags: { title: title as string, ...album },
}))

/** When a night passes, the music changes so often. */
const trackS = 240
/** One message is one drawing of the page. A real house sends one every second; a night has to pass in some. */
const saidEveryS = 120

export class FakeHouse {
  /** For the title of pages; what a page shows of it, it has heard of everything before. */
  name = 'Home'
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true })
  #hour = 30 * 3600e6

  private constructor() {
    this.#http = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://fake').pathname
      if (!path.startsWith('/api/')) {
        const file = path === '/' ? 'index.html' : path.slice(1)
        response.setHeader('Content-Type', kinds[file.split('.').at(-1)!] ?? 'application/octet-stream')
        createReadStream(join(pageFolder, file))
          .on('error', () => response.writeHead(404).end())
          .pipe(response)
        return
      }
      if (path.startsWith('/api/artwork/')) {
        response.writeHead(204).end()
        return
      }
      const body = this.#answer(path)
      response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(body ?? {}))
    })
    this.#http.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#greet(webSocket))
    })
  }

  static async open(): Promise<FakeHouse> {
    const house = new FakeHouse()
    await new Promise<void>((resolve) => house.#http.listen(0, '127.0.0.1', resolve))
    return house
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`
  }

  /** Lets `seconds` pass at once: one reading of each room for every second, and now and then another track. */
  pass(seconds: number): void {
    let readings: object[] = []
    for (let s = 1; s <= seconds; s++) {
      this.#hour += 1e6
      readings.push(...this.#readings())
      if (s % saidEveryS !== 0 && s !== seconds) continue
      this.#tell({ type: 'readings', readings })
      readings = []
      if (s % trackS === 0 || s === seconds) this.#tell({ type: 'status', status: this.#status() })
    }
  }

  /** Of pages, now. */
  get connections(): number {
    return this.#sockets.clients.size
  }

  /** Breaks off every connection; pages come back by themselves. */
  drop(): void {
    for (const client of this.#sockets.clients) client.terminate()
  }

  close(): Promise<void> {
    this.drop()
    return new Promise((resolve) => {
      this.#http.close(() => resolve())
      this.#http.closeAllConnections()
    })
  }

  #greet(webSocket: WebSocket): void {
    webSocket.on('message', (data) => {
      const { request } = JSON.parse(data.toString())
      webSocket.send(JSON.stringify({ type: 'answer', request, result: {} }))
    })
    webSocket.send(JSON.stringify({ type: 'status', status: this.#status() }))
  }

  #tell(message: object): void {
    for (const client of this.#sockets.clients) client.send(JSON.stringify(message))
  }

  #answer(path: string): object | undefined {
    if (path === '/api/access') return { name: this.name, isAllowed: true, version: '0.1.0' }
    if (path === '/api/telemetry') return { at: this.#hour, rooms: rooms.map((room) => this.#day(room)) }
    if (path === '/api/browsers') return { browsers: [] }
    if (path === '/api/library') return { entries: [{ kind: 'folder', name: 'The Lanterns', path: '/music/Lanterns' }] }
    return undefined
  }

  #status(): object {
    const client = ({ id, name, isAway, volume, outputDelayMs = 0 }: Room): object => ({
      id,
      name,
      isConnected: !isAway,
      isPlayer: true,
      roles: ['player@v1', '_tutti_telemetry@v1'],
      ...(isAway ? { lastSeenAt: this.#hour - 9_000e6 } : { condition: 'synchronized' }),
      volume,
      muted: false,
      outputDelayMs,
      format: { codec: 'opus', sampleRate: 48_000, channels: 2, bitDepth: 16 },
      sentAheadMs: 4980,
      chunksDropped: 0,
    })
    const group = (id: string, name: string, state: string, current: string, positionMs: number): object => ({
      id,
      name,
      state,
      volume: 46,
      muted: false,
      repeat: 'all',
      shuffle: false,
      current,
      positionMs,
      isMoving: state === 'playing',
      queue: id === 'downstairs' ? queue : queue.slice(2, 4),
      playOrder: queue.map((entry) => entry.id),
      clients: rooms.filter((room) => room.group === id).map(client),
    })
    return {
      server: { id: 'fake', name: this.name },
      at: this.#hour,
      groups: [
        group('downstairs', 'Downstairs', 'playing', this.#track(), 93_000),
        group('study', 'Study', 'paused', 'e4', 12_000),
      ],
    }
  }

  #track(): string {
    return queue[Math.floor(this.#hour / (trackS * 1e6)) % queue.length]!.id
  }

  #readings(): object[] {
    const t = this.#hour / 1e6
    return rooms
      .filter(({ isAway }) => !isAway)
      .map((room, i) => ({
        client: room.id,
        at: this.#hour,
        state: room.group === 'study' ? 'idle' : 'playing',
        lateUs: room.lateUs + wave(t, i) * room.wanderUs,
        errorBoundUs: room.boundUs * (1 + 0.15 * wave(t, i + 7)),
        ppm: -room.driftPpm + wave(t, i) * 0.4,
        driftPpm: room.driftPpm + wave(t / 40, i) * 0.2,
        roundTripUs: room.roundTripUs * (1 + 0.2 * wave(t, i + 3)),
        bufferedMs: 4950 + 40 * wave(t, i),
        starvations: (room.dropouts ?? 0) > 0 && t % 86_400 > 300 ? room.dropouts : 0,
        underruns: 0,
        jumps: 0,
        channel: 'stereo',
        output: room.output,
      }))
  }

  #day(room: Room): object {
    const minutes = Array.from({ length: 1440 }, (_, i) => this.#hour - (1440 - i) * 60e6)
    const late = minutes.map((at) => room.lateUs + wave(at / 60e6, 1) * room.wanderUs * 2)
    return {
      client: room.id,
      at: minutes,
      lateUs: late,
      lowestUs: late.map((us) => us - room.boundUs * 1.4),
      highestUs: late.map((us) => us + room.boundUs * 1.4),
      driftPpm: minutes.map((at) => room.driftPpm + wave(at / 3600e6, 2)),
      roundTripUs: minutes.map((at) => room.roundTripUs * (1.4 + 0.5 * wave(at / 60e6, 4))),
      bufferedMs: minutes.map(() => 4950),
      dropouts: minutes.map(() => 0),
    }
  }
}

/** Something irregular between −1 and 1 that is the same every time. */
function wave(t: number, room: number): number {
  return (Math.sin(t * 0.37 + room) + Math.sin(t * 0.091 + 2 * room) + Math.sin(t * 1.31 + 3 * room)) / 3
}
