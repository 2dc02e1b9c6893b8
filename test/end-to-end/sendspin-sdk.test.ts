/** The official JavaScript SDK as a player of ours: what its users would find when they point it at a Tutti server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerEvent } from '@tutti/server'
import { createOpenSource, type RunningServer, serve } from '@tutti/server/node'
import { expect } from 'chai'
import { WebSocket } from 'ws'

/** The package is made for bundlers: its imports lack the extension that Node wants. */
const completeImports = `export async function resolve(specifier, context, next) {
  const isBare = specifier.startsWith('.') && !/\\.m?js$/.test(specifier)
  return next(isBare && context.parentURL?.includes('/@sendspin/') ? specifier + '.js' : specifier, context)
}`

/** What we use of it: its own declarations do not resolve in Node either. */
interface SdkPlayer {
  connect(): Promise<void>
  disconnect(reason: string): void
  setVolume(volume: number): void
  setMuted(muted: boolean): void
  getCurrentServerTimeUs(): number
  onAudioData: (chunk: Chunk) => void
  readonly volume: number
  readonly muted: boolean
  readonly isPlaying: boolean
  readonly currentFormat: object
  readonly timeSyncInfo: { readonly synced: boolean }
  readonly trackProgress: { readonly durationMs: number } | null
}

interface Chunk {
  readonly samples: readonly Float32Array[]
  readonly serverTimeUs: number
}

const sampleRate = 48_000
const seconds = 4
const bytesPerFrame = 4

/** Two channels that never repeat, in 16 bits. */
const pcm = Int16Array.from({ length: 2 * seconds * sampleRate }, (_, i) => ((i * 7919) % 65_521) - 32_760)

function wavOf(samples: Int16Array): Uint8Array {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.byteLength, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * bytesPerFrame, 28)
  header.writeUInt16LE(bytesPerFrame, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.byteLength, 40)
  return Buffer.concat([header, new Uint8Array(samples.buffer)])
}

async function until<T>(what: string, find: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const found = find()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`no ${what} within 15 s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('The Sendspin JavaScript SDK 3.2.1 against our server', () => {
  let folder: string
  let server: RunningServer
  let player: SdkPlayer
  let group: string
  const chunks: Chunk[] = []
  const events: ServerEvent[] = []
  const complaints: string[] = []
  const { log, warn, error } = console
  const global = globalThis as { WebSocket?: unknown }
  const globalWebSocket = global.WebSocket

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-sdk-'))
    const track = join(folder, 'track.wav')
    await writeFile(track, wavOf(pcm))
    server = await serve({
      name: 'SDK test',
      host: '127.0.0.1',
      port: 0,
      path: '/sendspin',
      control: undefined,
      stateFolder: folder,
      discovers: false,
      players: [],
      openSource: createOpenSource(undefined),
      encoder: {},
      appRoles: [],
      appMessages: {},
      sendAheadMs: 2000,
      onEvent: (event) => events.push(event),
      onProblem: (problem) => complaints.push(problem),
    })
    group = server.status().groups[0]!.id
    await server.command({ command: 'addTracks', group, tracks: [{ location: track }] })

    global.WebSocket = WebSocket
    console.log = () => undefined
    for (const level of ['warn', 'error'] as const) console[level] = (...words) => void complaints.push(words.join(' '))
    register(`data:text/javascript,${encodeURIComponent(completeImports)}`)
    const sdk = (await import('@sendspin/sendspin-js')) as { SendspinCore: new (config: object) => SdkPlayer }
    player = new sdk.SendspinCore({
      playerId: 'sdk',
      clientName: 'SDK player',
      baseUrl: `http://127.0.0.1:${server.port}`,
      codecs: ['pcm'], // the only one it decodes outside a browser
      bufferCapacity: 4_000_000,
    })
    player.onAudioData = (chunk) => chunks.push(chunk)
    await player.connect()
  })

  after(async () => {
    player?.disconnect('shutdown')
    await server?.stop()
    Object.assign(console, { log, warn, error })
    global.WebSocket = globalWebSocket
    await rm(folder, { recursive: true, force: true })
  })

  const client = () =>
    server
      .status()
      .groups.flatMap(({ clients }) => clients)
      .find(({ id }) => id === 'sdk')!

  it('shakes hands and is a player of the house', async () => {
    await until('player', () => client()?.isPlayer && client().condition !== undefined)
    expect(client()).to.include({ name: 'SDK player', isConnected: true })
    expect(events.map(({ type }) => type)).to.include('clientJoined')
  })

  it('keeps its clock in step with ours', async () => {
    await until('clock', () => player.timeSyncInfo.synced)
    const serverNowUs = Number(process.hrtime.bigint() / 1000n)
    expect(Math.abs(player.getCurrentServerTimeUs() - serverNowUs)).to.be.below(20_000)
  })

  it('takes our volume and mute, and we take its', async () => {
    await server.command({ command: 'setVolume', client: 'sdk', volume: 41 })
    await until('volume', () => player.volume === 41)
    player.setVolume(73)
    await until('volume of the client', () => client().volume === 73)
    await server.command({ command: 'setMuted', client: 'sdk', muted: true })
    await until('mute', () => player.muted)
    player.setMuted(false)
    await until('unmute of the client', () => client().muted === false)
  })

  it('hears the whole track, contiguous and bit for bit', async () => {
    await server.command({ command: 'play', group })
    const wanted = seconds * sampleRate
    const frames = () => chunks.reduce((sum, { samples }) => sum + samples[0]!.length, 0)
    await until('end of the track', () => frames() >= wanted)

    expect(player.currentFormat).to.include({ codec: 'pcm', sample_rate: sampleRate, channels: 2, bit_depth: 16 })
    let at = 0
    let differing = 0
    for (const { samples, serverTimeUs } of chunks) {
      const dueUs = chunks[0]!.serverTimeUs + (at * 1e6) / sampleRate
      expect(Math.abs(serverTimeUs - dueUs), `timestamp at frame ${at}`).to.be.at.most(1)
      for (const [channel, heard] of samples.entries()) {
        for (let i = 0; i < heard.length && at + i < wanted; i++) {
          if (heard[i] !== pcm[2 * (at + i) + channel]! / 32_768) differing++
        }
      }
      at += samples[0]!.length
    }
    expect(differing).to.equal(0)
  })

  it('is told what plays and how far it is', async () => {
    await until('progress', () => (player.trackProgress?.durationMs ?? 0) > 0)
    expect(player.trackProgress!.durationMs).to.equal(seconds * 1000)
    expect(player.isPlaying).to.equal(true)
  })

  it('had nothing to complain about', () => {
    const isUsual = (text: string) => text === '[Opus] Native decoder not available, falling back to FLAC/PCM'
    expect(complaints.filter((text) => !isUsual(text))).to.deep.equal([])
  })
})
