/** What a room is sent while a song, a live input and a clip follow each other, by the sample, in virtual time. */
import { type ServerUs, shift } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { audioBlocks } from '../src/audio-blocks.js'
import type { BlockEncoder, EncodedPacket } from '../src/block-encoder.js'
import { defaultPacing } from '../src/config.js'
import { Coordinator } from '../src/coordinator.js'
import type { Input } from '../src/input.js'
import { LiveReclock } from '../src/live-reclock.js'
import type { Output } from '../src/output.js'
import { emptyState } from '../src/server-state.js'
import { chance } from './live-world.js'

const rate = 48_000
const level = 0.5

interface Piece {
  readonly hertz: number
  readonly seconds: number
  readonly opensAfterMs: number
  /** Made in its own time, with its own crystal, and held for 100 ms. */
  readonly isLive?: boolean
  /** Live by its place, but it waits for us: a file sent down a pipe. */
  readonly isHeld?: boolean
}

const song: Piece = { hertz: 441, seconds: 3, opensAfterMs: 30 }
const input: Piece = { hertz: 300, seconds: 12, opensAfterMs: 5, isLive: true }
const clip: Piece = { hertz: 500, seconds: 1, opensAfterMs: 30 }
const pipe: Piece = { hertz: 700, seconds: 2, opensAfterMs: 5, isHeld: true }

/** Packets of 20 ms, as they are. */
class SampleEncoder implements BlockEncoder<AudioBuffer, Float32Array> {
  readonly codecHeader = undefined
  readonly lookaheadFrames = 0
  readonly holdFrames = 960
  #rest: readonly number[] = []

  encode(block: AudioBuffer): readonly EncodedPacket<Float32Array>[] {
    const samples = [...this.#rest, ...block.getChannelData(0)]
    const packets: EncodedPacket<Float32Array>[] = []
    for (; samples.length >= this.holdFrames; samples.splice(0, this.holdFrames)) {
      packets.push({ payload: Float32Array.from(samples.slice(0, this.holdFrames)), bytes: 3840, frames: 960 })
    }
    this.#rest = samples
    return packets
  }

  reset(): void {
    this.#rest = []
  }

  close(): void {
    this.reset()
  }
}

interface Feed {
  readonly piece: Piece
  readonly reclock: LiveReclock | undefined
  given: number
  made: number
  wanted: number
  isOpen: boolean
  dueAt: ServerUs | undefined
}

class Evening {
  nowUs = 1_000_000_000
  readonly sent: { readonly at: number; readonly timestamp: number; readonly payload: Float32Array }[] = []
  readonly #coordinator: Coordinator<AudioBuffer, Float32Array>
  readonly #pieces: ReadonlyMap<string, Piece>
  readonly #feeds = new Map<number, Feed>()
  #agenda: { readonly atUs: number; readonly run: () => void }[] = []

  constructor(pieces: readonly Piece[], joinsAfterS = 0) {
    this.#pieces = new Map(pieces.map((piece, i) => [`piece ${i}`, piece]))
    this.#coordinator = new Coordinator<AudioBuffer, Float32Array>(
      {
        ...defaultPacing,
        serverId: 'server-1',
        serverName: 'Test server',
        canEncode: () => true,
        appRoles: [],
        blocks: audioBlocks(rate, 2),
        random: { uniform: chance(1) },
      },
      emptyState,
      this.#now,
    )
    this.#greet('nobody', 1)
    this.#tell({ type: 'disconnected', connection: 1 })
    const group = this.#coordinator.snapshot(this.#now).groups[0]!.id
    const tracks = [...this.#pieces].map(([location, { isLive, isHeld }]) => ({ location, live: isLive ?? isHeld }))
    this.#tell({ type: 'command', request: 1, command: { command: 'addTracks', group, tracks } })
    this.#tell({ type: 'command', request: 2, command: { command: 'play', group } })
    this.run(joinsAfterS)
    this.#greet('kitchen', 2)
  }

  run(seconds: number): this {
    const endUs = this.nowUs + seconds * 1e6
    for (;;) {
      this.#agenda.sort((a, b) => a.atUs - b.atUs)
      const wakeUs = Math.max(this.#coordinator.wakeAt ?? Infinity, this.nowUs)
      const next = this.#agenda[0]
      if (Math.min(next?.atUs ?? Infinity, wakeUs) > endUs) return this
      if (next !== undefined && next.atUs <= wakeUs) {
        this.#agenda.shift()
        this.nowUs = Math.max(next.atUs, this.nowUs)
        next.run()
      } else {
        this.nowUs = wakeUs
        for (const output of this.#coordinator.wake(this.#now)) this.#do(output)
      }
    }
  }

  #greet(id: string, connection: number): void {
    this.#tell({ type: 'connected', connection })
    const format = { codec: 'pcm', sample_rate: rate, channels: 2, bit_depth: 16 }
    const support = { supported_formats: [format], buffer_capacity: 10_000_000 }
    const hello = { client_id: id, name: id, version: 1, supported_roles: ['player@v1'], 'player@v1_support': support }
    this.#tell({ type: 'message', connection, message: { type: 'client/hello', payload: hello } })
    const player = { volume: 50, muted: false, min_buffer_ms: 100, required_lead_time_ms: 300 }
    const state = { state: 'synchronized', player } as const
    this.#tell({ type: 'message', connection, message: { type: 'client/state', payload: state } })
  }

  get #now(): ServerUs {
    return this.nowUs as ServerUs
  }

  #tell(input: Input<AudioBuffer, Float32Array>): void {
    for (const output of this.#coordinator.handle(input, this.#now)) this.#do(output)
  }

  #later(ms: number, run: () => void): void {
    this.#agenda.push({ atUs: this.nowUs + ms * 1000, run })
  }

  #do(output: Output<Float32Array>): void {
    if (output.type === 'sendAudio') {
      for (const { timestamp, payload } of output.chunks) this.sent.push({ at: this.nowUs, timestamp, payload })
    } else if (output.type === 'createEncoder') {
      const { encoding } = output
      this.#later(1, () => this.#tell({ type: 'encoderReady', encoding, encoder: new SampleEncoder() }))
    } else if (output.type === 'openTrack') this.#open(output.feed, this.#pieces.get(output.location)!)
    else if (output.type === 'closeTrack') this.#feeds.delete(output.feed)
    else if (output.type === 'wantFrames') {
      const feed = this.#feeds.get(output.feed)
      if (feed === undefined) return
      feed.wanted += output.frames
      if (feed.isOpen && !feed.piece.isHeld && feed.reclock === undefined)
        this.#later(0, () => this.#decode(output.feed))
    }
  }

  #open(id: number, piece: Piece): void {
    const config = { sampleRate: rate, channels: 2, targetMs: 100, capacityMs: 2000 }
    const reclock = piece.isLive ? new LiveReclock(config) : undefined
    const feed: Feed = { piece, reclock, given: 0, made: 0, wanted: 0, isOpen: false, dueAt: undefined }
    this.#feeds.set(id, feed)
    this.#later(piece.opensAfterMs, () => {
      feed.isOpen = true
      this.#tell({ type: 'trackOpened', feed: id, tags: {}, durationMs: undefined })
      if (piece.isHeld) return this.#read(id, feed)
      if (reclock === undefined) return this.#decode(id)
      this.#make(feed, reclock)
      this.#pull(id, feed, reclock)
    })
  }

  /** As fast as it is wanted. */
  #decode(id: number): void {
    for (let feed = this.#feeds.get(id); feed !== undefined && feed.wanted > 0; feed = this.#feeds.get(id)) {
      const length = Math.min(2400, Math.round(feed.piece.seconds * rate) - feed.given)
      if (length <= 0) return this.#tell({ type: 'trackEnded', feed: id })
      const block = new AudioBuffer({ length, sampleRate: rate, numberOfChannels: 2 })
      for (let channel = 0; channel < 2; channel++)
        block.getChannelData(channel).set(tone(feed.piece, feed.given, length))
      feed.given += length
      feed.wanted -= length
      this.#tell({ type: 'blockReady', feed: id, block })
    }
  }

  /** In our time, and nothing is lost while it is not wanted. */
  #read(id: number, feed: Feed): void {
    this.#later(5, () => {
      if (this.#feeds.get(id) !== feed) return
      this.#read(id, feed)
      if (feed.wanted <= 0) return
      if (feed.given >= feed.piece.seconds * rate) return this.#tell({ type: 'trackEnded', feed: id })
      const block = new AudioBuffer({ length: 240, sampleRate: rate, numberOfChannels: 2 })
      for (let channel = 0; channel < 2; channel++) block.getChannelData(channel).set(tone(feed.piece, feed.given, 240))
      feed.given += 240
      feed.wanted -= 240
      this.#tell({ type: 'blockReady', feed: id, block, isHeld: true })
    })
  }

  /** A lump every 10 ms by a crystal 80 ppm fast. */
  #make(feed: Feed, reclock: LiveReclock): void {
    this.#later(10 / (1 + 80e-6), () => {
      const samples = tone(feed.piece, feed.made, 480)
      feed.made += 480
      reclock.push([samples, samples], this.#now)
      if (feed.made < feed.piece.seconds * rate) this.#make(feed, reclock)
      else reclock.complete()
    })
  }

  /** In its own time, and what is left when no more comes at once, as LiveSource does. */
  #pull(id: number, feed: Feed, reclock: LiveReclock): void {
    const isOver = feed.made >= feed.piece.seconds * rate
    this.#later(isOver ? 0 : 5, () => {
      if (this.#feeds.get(id) !== feed) return
      if (reclock.isDrained) return this.#tell({ type: 'trackEnded', feed: id })
      this.#pull(id, feed, reclock)
      feed.dueAt = feed.dueAt === undefined ? this.#now : shift(feed.dueAt, 5000)
      const block = reclock.pull(240, feed.dueAt)
      if (feed.wanted <= 0) return
      feed.wanted -= 240
      this.#tell({ type: 'blockReady', feed: id, block })
    })
  }
}

function tone({ hertz }: Piece, from: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => level * Math.sin((2 * Math.PI * hertz * (from + i)) / rate))
}

/** How steep the steepest of the pieces is. */
function steepness(pieces: readonly Piece[]): number {
  return Math.max(...pieces.map(({ hertz }) => (2 * Math.PI * hertz * level) / rate))
}

function steepest(samples: readonly number[]): number {
  let most = 0
  for (let i = 1; i < samples.length; i++) most = Math.max(most, Math.abs(samples[i]! - samples[i - 1]!))
  return most
}

/** The longest run of silence between sounds, in ms. */
function longestSilenceMs(samples: readonly number[]): number {
  const first = samples.findIndex((sample) => sample !== 0)
  const last = samples.findLastIndex((sample) => sample !== 0)
  let [longest, run] = [0, 0]
  for (const sample of samples.slice(first, last)) {
    run = Math.abs(sample) < 1e-4 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return (longest * 1000) / rate
}

describe('A song, a live input and a clip', () => {
  for (const [what, pieces] of [
    ['in this order', [song, input, clip]],
    ['the song torn in the middle of a wave', [{ ...song, seconds: 3.0004 }, input, clip]],
    ['the live input first', [input, song, clip]],
    ['the clip slow to open', [song, input, { ...clip, opensAfterMs: 120 }]],
  ] as const) {
    it(`follow each other without a click, a gap, or a packet out of its place: ${what}`, () => {
      const { sent } = new Evening(pieces).run(25)
      for (const [i, { timestamp }] of sent.entries()) {
        if (i > 0) expect(timestamp - sent[i - 1]!.timestamp).to.be.closeTo(20_000, 1)
      }
      for (const { at, timestamp } of sent) expect(timestamp - at).to.be.above(50_000)
      const samples = sent.flatMap(({ payload }) => [...payload])
      for (const { hertz } of pieces) expect(soundsOf(samples, hertz), `${hertz} Hz`).to.be.above(0.8)
      expect(steepest(samples)).to.be.below(1.2 * steepness(pieces))
      expect(longestSilenceMs(samples)).to.be.below(12)
    })
  }
})

describe('A file sent down a pipe', () => {
  it('is heard from its beginning, first in the queue or after a song, whenever the room comes', () => {
    for (const joinsAfterS of [0, 0.3, 5]) {
      for (const pieces of [
        [pipe, clip],
        [song, pipe, clip],
      ]) {
        const samples = new Evening(pieces, joinsAfterS).run(10).sent.flatMap(({ payload }) => [...payload])
        for (const { hertz, seconds } of pieces) expect(soundsOf(samples, hertz)).to.be.closeTo(seconds, 0.1)
        expect(steepest(samples)).to.be.below(1.2 * steepness(pieces))
        expect(longestSilenceMs(samples)).to.be.below(12)
      }
    }
  })
})

/** For how many seconds `hertz` is heard. */
function soundsOf(samples: readonly number[], hertz: number): number {
  const window = rate / 20
  let heard = 0
  for (let from = 0; from + window <= samples.length; from += window) {
    let [re, im] = [0, 0]
    for (let i = from; i < from + window; i++) {
      re += samples[i]! * Math.cos((2 * Math.PI * hertz * i) / rate)
      im += samples[i]! * Math.sin((2 * Math.PI * hertz * i) / rate)
    }
    if ((2 * Math.hypot(re, im)) / window > level / 2) heard++
  }
  return heard / 20
}
