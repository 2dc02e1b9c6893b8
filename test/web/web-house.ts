/** A real coordinator with its page, and music in which every sample tells its own position. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePlayerConfig } from '@tutti/client'
import { joinRoom, type Room, roomDefaults } from '@tutti/client/node'
import type { AudioSource } from '@tutti/server'
import { type RunningServer, serve } from '@tutti/server/node'
import { virtualCard } from '@tutti/tutti'
import { pageFolder } from '@tutti/web'
import AudioBuffer from 'audio-buffer'

export const sampleRate = 48_000
/** The ramp begins anew after so many frames: 0.625 s. */
export const rampFrames = 30_000
const blockFrames = 4_800

/** No whole number of its periods fits into a chunk of any codec. */
export const toneHz = 997

/** A slow ramp: the value of a sample says which frame it is, even between frames. */
const ramp = (frame: number): number => ((frame % rampFrames) - rampFrames / 2) / 32_768

/** For codecs that keep no sample as it is. */
const tone = (frame: number): number => 0.5 * Math.sin((2 * Math.PI * toneHz * frame) / sampleRate)

function sourceOf(wave: (frame: number) => number, seconds: number, fromMs: number): AudioSource {
  let position = Math.round((fromMs * sampleRate) / 1000)
  return {
    sampleRate,
    channels: 2,
    durationMs: seconds * 1000,
    tags: { title: `${wave === tone ? 'Tone' : 'Ramp'} of ${seconds} s`, artist: 'Tests' },
    read: async () => {
      const length = Math.min(blockFrames, seconds * sampleRate - position)
      if (length <= 0) return undefined
      const block = new AudioBuffer({ length, sampleRate, numberOfChannels: 2 })
      const [left, right] = [block.getChannelData(0), block.getChannelData(1)]
      for (let i = 0; i < length; i++) left[i] = right[i] = wave(position + i)
      position += length
      return block
    },
    close: async () => undefined,
  }
}

export interface WebHouseOptions {
  readonly host?: string
  /** Names of this machine in addresses. */
  readonly names?: readonly string[]
  readonly musicFolders?: readonly string[]
}

export class WebHouse {
  readonly #folder: string
  readonly #rooms: Room[] = []
  readonly problems: string[] = []
  server!: RunningServer
  code = ''

  static async open(options: WebHouseOptions = {}): Promise<WebHouse> {
    const house = new WebHouse(await mkdtemp(join(tmpdir(), 'tutti-web-')))
    await house.start(options)
    return house
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts the server; again, on the port it had, after `server.stop()`. */
  async start({ host = '127.0.0.1', names = [], musicFolders = [] }: WebHouseOptions = {}): Promise<void> {
    this.server = await serve({
      name: 'Test house',
      host,
      port: this.server?.port ?? 0,
      path: '/sendspin',
      control: {
        names,
        page: pageFolder,
        admitsOthers: true,
        musicFolders,
        onPairingCode: (code) => {
          this.code = code
        },
      },
      stateFolder: this.#folder,
      discovers: false,
      players: [],
      openSource: async (location, fromMs) =>
        sourceOf(location.includes('tone') ? tone : ramp, Number(/\d+/.exec(location)?.[0] ?? 60), fromMs),
      encoder: {},
      appRoles: [],
      appMessages: {},
      sendAheadMs: 5000,
      onEvent: () => undefined,
      onProblem: (problem) => this.problems.push(problem),
    })
  }

  get address(): string {
    return `http://127.0.0.1:${this.server.port}/`
  }

  get group(): string {
    return this.server.status().groups[0]!.id
  }

  /** Tracks of so many seconds each. */
  async queue(...seconds: readonly number[]): Promise<void> {
    const tracks = seconds.map((length) => ({ location: `/music/ramp ${length}.wav` }))
    await this.server.command({ command: 'addTracks', group: this.group, tracks })
  }

  play(): Promise<unknown> {
    return this.server.command({ command: 'play', group: this.group })
  }

  /** A native room on a card of arithmetic, which knows exactly when it is heard. */
  async addRoom(name: string, crystalPpm: number): Promise<Room> {
    const parsed = parsePlayerConfig({
      clientId: name.toLowerCase(),
      name,
      formats: [{ codec: 'pcm', sampleRate, channels: 2, bitDepth: 16 }],
    })
    if ('problems' in parsed) throw new Error(parsed.problems.join('; '))
    const room = await joinRoom({
      ...roomDefaults,
      player: parsed.config,
      connection: { kind: 'dial', url: `ws://127.0.0.1:${this.server.port}/sendspin` },
      output: virtualCard(crystalPpm, this.#rooms.length),
    })
    this.#rooms.push(room)
    return room
  }

  async close(): Promise<void> {
    await Promise.all(this.#rooms.map((room) => room.stop()))
    await this.server.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 20,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`no ${what} within ${seconds} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
