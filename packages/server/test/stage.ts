/** A coordinator in virtual time with scripted tracks, counting encoders and clients that only listen. */
import type { ServerUs } from '@tutti/clock'
import type { AudioFormat, ClientMessage, PlayerState, WireFormat } from '@tutti/protocol'
import type { Announcement } from '../src/announcement.js'
import type { BlockEncoder, EncodedPacket } from '../src/block-encoder.js'
import type { LoggedChunk } from '../src/chunk-log.js'
import type { Command } from '../src/command.js'
import { type CoordinatorConfig, defaultPacing } from '../src/config.js'
import { Coordinator } from '../src/coordinator.js'
import type { ServerEvent } from '../src/event.js'
import type { Input } from '../src/input.js'
import type { Output, SaidMessage } from '../src/output.js'
import { emptyState, type ServerState } from '../src/server-state.js'

/** Which frames of which track, so that tests can see what is heard; silence belongs to no track. */
export interface TestBlock {
  readonly length: number
  readonly spans: readonly Span[]
}

export interface Span {
  readonly track: string
  /** First frame of the track in this span. */
  readonly from: number
  readonly length: number
  /** First frame of the announcement that is heard over it; absent where none is. */
  readonly over?: number
}

export type TestPayload = readonly Span[]

export const silent = 'silence'

export const blocks = {
  silence: (frames: number): TestBlock => ({ length: frames, spans: [{ track: silent, from: 0, length: frames }] }),
  without: (block: TestBlock, frames: number): TestBlock => ({
    length: block.length - frames,
    spans: dropFrames(block.spans, frames),
  }),
  /** Cut where the announcement begins and ends, and marked in between. */
  mix: (block: TestBlock, { clip, fadeFrames }: Announcement<TestBlock>, from: number): TestBlock => {
    const frames = clip.length + 2 * fadeFrames
    const before = Math.min(Math.max(-from, 0), block.length)
    const end = Math.min(Math.max(frames - from, 0), block.length)
    const during = takeFrames(dropFrames(block.spans, before), end - before)
    let over = from + before
    const marked = during.map((span) => {
      const mark = { ...span, over }
      over += span.length
      return mark
    })
    return {
      length: block.length,
      spans: [...takeFrames(block.spans, before), ...marked, ...dropFrames(block.spans, end)],
    }
  },
  bender: () => ({
    reach: 0,
    bend: ({ spans, length }: TestBlock, { frames }: { readonly frames: number }): TestBlock => {
      const { track, from, length: tail } = spans.at(-1)!
      const repeated = { track, from: from + tail - 1, length: Math.max(frames - length, 0) }
      return { length: frames, spans: takeFrames([...spans, repeated], frames) }
    },
  }),
}

/** Packets of a fixed length, with the look-ahead a real encoder has: what comes out first is older than anything. */
export class CountingEncoder implements BlockEncoder<TestBlock, TestPayload> {
  readonly codecHeader: string | undefined
  readonly lookaheadFrames: number
  readonly holdFrames: number
  isClosed = false
  #waiting: readonly Span[] = []
  readonly #packetFrames: number
  readonly #bytesPerPacket: number

  constructor(format: AudioFormat) {
    const { codec } = format
    this.codecHeader = codec === 'flac' ? 'ZkxhQw==' : undefined
    this.lookaheadFrames = codec === 'opus' ? 312 : 0
    this.#packetFrames = { opus: 960, flac: 4608, pcm: 1200 }[codec]
    this.holdFrames = this.#packetFrames
    this.#bytesPerPacket = { opus: 320, flac: 9000, pcm: this.#packetFrames * format.channels * (format.bitDepth / 8) }[
      codec
    ]
    this.reset()
  }

  encode(block: TestBlock): readonly EncodedPacket<TestPayload>[] {
    this.#waiting = [...this.#waiting, ...block.spans]
    const packets: EncodedPacket<TestPayload>[] = []
    const frames = this.#packetFrames
    for (let ready = framesOf(this.#waiting); ready >= frames; ready -= frames) {
      packets.push({ payload: takeFrames(this.#waiting, frames), bytes: this.#bytesPerPacket, frames })
      this.#waiting = dropFrames(this.#waiting, frames)
    }
    return packets
  }

  reset(): void {
    this.#waiting = [{ track: 'lookahead', from: 0, length: this.lookaheadFrames }]
  }

  close(): void {
    this.isClosed = true
  }
}

export interface TestTrack {
  readonly frames: number
  readonly opensAfterMs?: number
  readonly failsWith?: string
  /** Fails after this many frames. */
  readonly failsAt?: number
  /** Gives no audio between these times of the world, in ms. */
  readonly stalls?: readonly [number, number]
  /** Makes audio in its own time from when it is opened, in blocks of so many ms, and loses what nobody asks for. */
  readonly paceMs?: number
  /** Of a paced track: what was made between these times of the world comes at the end of them, in ms. */
  readonly holdsBack?: readonly [number, number]
}

export interface Heard {
  readonly connection: number
  readonly at: number
  readonly message?: SaidMessage
  readonly audio?: {
    readonly timestamp: number
    readonly payload: TestPayload
    readonly endAt: number
    readonly bytes: number
  }
}

type Chunk = NonNullable<Heard['audio']>

export class Stage {
  nowUs = 1_000_000_000_000.5
  readonly tracks = new Map<string, TestTrack>()
  readonly heard: Heard[] = []
  readonly events: ServerEvent[] = []
  readonly closes: { readonly connection: number; readonly closeCode: number; readonly mayRedial: boolean }[] = []
  readonly answers: {
    readonly problem: string | undefined
    readonly result?: { group?: string; entries?: readonly string[] }
  }[] = []
  readonly encoders: CountingEncoder[] = []
  readonly times: {
    readonly connection: number
    readonly clientTransmitted: number
    readonly serverReceived: number
  }[] = []
  saves = 0
  opened = 0
  encoderDelayMs = 0
  clipDelayMs = 30
  clipFrames = 96_000
  failingFormats = new Set<string>()
  readonly coordinator: Coordinator<TestBlock, TestPayload>
  readonly #feeds = new Map<
    number,
    { track: TestTrack; location: string; frame: number; wanted: number; isOpen: boolean }
  >()
  readonly #agenda: { atUs: number; run: () => void }[] = []
  #seed = 1

  constructor(config: Partial<CoordinatorConfig<TestBlock>> = {}, state: ServerState = emptyState) {
    this.coordinator = new Coordinator<TestBlock, TestPayload>(
      {
        ...defaultPacing,
        serverId: 'server-1',
        serverName: 'Test server',
        canEncode: (format) => format.channels <= 2,
        appRoles: ['_test_lamp@v1'],
        blocks,
        random: { uniform: () => this.#random() },
        ...config,
      },
      state,
      this.now,
    )
  }

  get now(): ServerUs {
    return this.nowUs as ServerUs
  }

  /** Runs the world on for `ms`. */
  run(ms: number): void {
    const endUs = this.nowUs + ms * 1000
    for (;;) {
      this.#agenda.sort((a, b) => a.atUs - b.atUs)
      const next = this.#agenda[0]
      const wakeUs = Math.max(this.coordinator.wakeAt ?? Infinity, this.nowUs)
      if (Math.min(next?.atUs ?? Infinity, wakeUs) > endUs) break
      if (next !== undefined && next.atUs <= wakeUs) {
        this.#agenda.shift()
        this.nowUs = Math.max(next.atUs, this.nowUs)
        next.run()
      } else {
        this.nowUs = wakeUs
        this.#perform(this.coordinator.wake(this.now))
      }
    }
    this.nowUs = endUs
  }

  /** Lets `ms` pass in which the server does nothing; what should have happened happens afterwards. */
  freeze(ms: number): void {
    this.nowUs += ms * 1000
  }

  input(input: Input<TestBlock, TestPayload>): void {
    this.#perform(this.coordinator.handle(input, this.now))
  }

  message(connection: number, message: ClientMessage): void {
    this.input({ type: 'message', connection, message })
  }

  /** The problem, or undefined. */
  command(command: Command): string | undefined {
    this.input({ type: 'command', request: 1, command })
    return this.answers.at(-1)!.problem
  }

  /** A player that says hello and reports itself ready. */
  player(
    connection: number,
    id: string,
    {
      formats = ['opus'],
      capacity = 1_000_000,
      state = {},
      roles = ['player@v1'],
    }: {
      formats?: readonly string[]
      capacity?: number
      state?: PlayerState
      roles?: readonly string[]
    } = {},
  ): void {
    this.input({ type: 'connected', connection })
    this.message(connection, {
      type: 'client/hello',
      payload: {
        client_id: id,
        name: `Room ${id}`,
        version: 1,
        supported_roles: roles,
        'player@v1_support': { supported_formats: formats.map(wireFormat), buffer_capacity: capacity },
      },
    })
    const player = { volume: 50, muted: false, supported_commands: ['volume', 'mute'], ...state }
    this.message(connection, { type: 'client/state', payload: { state: 'synchronized', player } })
  }

  get group(): string {
    return this.coordinator.snapshot(this.now).groups[0]!.id
  }

  /** Queues tracks in the first group and plays. */
  play(...locations: string[]): void {
    this.command({ command: 'addTracks', group: this.group, tracks: locations.map((location) => ({ location })) })
    this.command({ command: 'play', group: this.group })
  }

  messages(connection: number, type?: SaidMessage['type']): readonly SaidMessage[] {
    return this.heard.flatMap((heard) =>
      heard.connection === connection && heard.message && (type === undefined || heard.message.type === type)
        ? [heard.message]
        : [],
    )
  }

  audio(connection: number): readonly Chunk[] {
    return this.heard.flatMap((heard) => (heard.connection === connection && heard.audio ? [heard.audio] : []))
  }

  clearHeard(): void {
    this.heard.length = 0
  }

  later(ms: number, run: () => void): void {
    this.#agenda.push({ atUs: this.nowUs + ms * 1000, run })
  }

  #random(): number {
    this.#seed = (this.#seed * 48271) % 2147483647
    return this.#seed / 2147483647
  }

  #perform(outputs: readonly Output<TestPayload>[]): void {
    for (const output of outputs) this.#do(output)
  }

  #do(output: Output<TestPayload>): void {
    const at = this.nowUs
    switch (output.type) {
      case 'send':
        this.heard.push({ connection: output.connection, at, message: output.message })
        break
      case 'sendAudio':
        for (const chunk of output.chunks)
          this.heard.push({ connection: output.connection, at, audio: chunk as LoggedChunk<TestPayload> })
        break
      case 'sendTime':
        this.times.push(output)
        break
      case 'close':
        this.closes.push(output)
        break
      case 'openTrack':
        this.#open(output)
        break
      case 'wantFrames': {
        const feed = this.#feeds.get(output.feed)
        if (feed !== undefined) feed.wanted += output.frames
        if (feed?.isOpen) this.later(0, () => this.#deliver(output.feed))
        break
      }
      case 'closeTrack':
        this.#feeds.delete(output.feed)
        break
      case 'openClip': {
        const { clip, from } = output
        this.later(this.clipDelayMs, () => {
          if ('text' in from) this.input({ type: 'clipFailed', clip, reason: 'nobody can speak' })
          else this.input({ type: 'clipReady', clip, block: { length: this.clipFrames, spans: [] } })
        })
        break
      }
      case 'createEncoder':
        this.#createEncoder(output.encoding, output.format)
        break
      case 'save':
        this.saves++
        break
      case 'answer':
        this.answers.push(output)
        break
      case 'event':
        this.events.push(output.event)
        break
    }
  }

  #createEncoder(encoding: number, format: AudioFormat): void {
    this.later(this.encoderDelayMs, () => {
      if (this.failingFormats.has(format.codec)) {
        this.input({ type: 'encoderFailed', encoding, format, reason: 'no such library' })
        return
      }
      const encoder = new CountingEncoder(format)
      this.encoders.push(encoder)
      this.input({ type: 'encoderReady', encoding, encoder })
    })
  }

  #open({ feed, location, fromMs }: { feed: number; location: string; fromMs: number }): void {
    this.opened++
    const track = this.tracks.get(location) ?? { frames: 0, failsWith: 'no such file' }
    const state = { track, location, frame: Math.round((fromMs * 48_000) / 1000), wanted: 0, isOpen: false }
    this.#feeds.set(feed, state)
    this.later(track.opensAfterMs ?? 20, () => {
      if (!this.#feeds.has(feed)) return
      if (track.failsWith !== undefined) {
        this.input({ type: 'trackFailed', feed, reason: track.failsWith })
        return
      }
      state.isOpen = true
      if (track.paceMs !== undefined) this.#make(feed, track.paceMs)
      this.input({ type: 'trackOpened', feed, tags: { title: `Title of ${location}` }, durationMs: track.frames / 48 })
      this.#deliver(feed)
    })
  }

  #make(id: number, paceMs: number): void {
    this.later(paceMs, () => {
      const feed = this.#feeds.get(id)
      if (feed === undefined) return
      this.#make(id, paceMs)
      const length = paceMs * 48
      const block: TestBlock = { length, spans: [{ track: feed.location, from: feed.frame, length }] }
      feed.frame += length
      const [fromMs, toMs] = feed.track.holdsBack ?? [Infinity, Infinity]
      const worldMs = (this.nowUs - 1e12) / 1000
      const lateMs = worldMs >= fromMs && worldMs < toMs ? toMs - worldMs : 0
      if (feed.wanted <= 0) return
      feed.wanted -= length
      this.later(lateMs, () => {
        if (this.#feeds.has(id)) this.input({ type: 'blockReady', feed: id, block })
      })
    })
  }

  #deliver(id: number): void {
    const feed = this.#feeds.get(id)
    if (feed === undefined || feed.track.paceMs !== undefined) return
    const { track, location } = feed
    const [stallMs, resumeMs] = track.stalls ?? [Infinity, Infinity]
    const worldMs = (this.nowUs - 1e12) / 1000
    if (worldMs >= stallMs && worldMs < resumeMs) {
      this.later(resumeMs - worldMs + 0.001, () => this.#deliver(id))
      return
    }
    while (feed.wanted > 0) {
      if (feed.frame >= (track.failsAt ?? Infinity)) {
        this.input({ type: 'trackFailed', feed: id, reason: 'the disk is broken' })
        return
      }
      if (feed.frame >= track.frames) {
        this.input({ type: 'trackEnded', feed: id })
        return
      }
      const length = Math.min(2000, track.frames - feed.frame)
      const block: TestBlock = { length, spans: [{ track: location, from: feed.frame, length }] }
      feed.frame += length
      feed.wanted -= length
      this.input({ type: 'blockReady', feed: id, block })
    }
  }
}

export function wireFormat(name: string): WireFormat {
  const [codec = 'opus', rate = '48000'] = name.split('/')
  return { codec, sample_rate: Number(rate), channels: 2, bit_depth: 16 }
}

/** Joins what chunks hold into runs of one track, and says where each run begins on the server's clock. */
export function runsOf(chunks: readonly Chunk[]): readonly (Span & { readonly startsAt: number })[] {
  const runs: { track: string; from: number; length: number; startsAt: number; over?: number }[] = []
  for (const { timestamp, payload } of chunks) {
    let offset = 0
    for (const span of payload) {
      const last = runs.at(-1)
      if (
        last !== undefined &&
        last.track === span.track &&
        (last.over === undefined) === (span.over === undefined) &&
        (span.track === silent || last.from + last.length === span.from)
      ) {
        last.length += span.length
      } else {
        runs.push({ ...span, startsAt: timestamp + (offset * 1e6) / 48_000 })
      }
      offset += span.length
    }
  }
  return runs
}

function framesOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.length, 0)
}

function takeFrames(spans: readonly Span[], frames: number): readonly Span[] {
  const taken: Span[] = []
  let left = frames
  for (const span of spans) {
    if (left === 0) break
    if (span.length > 0) taken.push({ ...span, length: Math.min(span.length, left) })
    left -= Math.min(span.length, left)
  }
  return taken
}

function dropFrames(spans: readonly Span[], frames: number): readonly Span[] {
  let left = frames
  return spans.flatMap((span) => {
    const dropped = Math.min(span.length, left)
    left -= dropped
    if (dropped === span.length) return []
    const over = span.over === undefined ? {} : { over: span.over + dropped }
    return [{ ...span, from: span.from + dropped, length: span.length - dropped, ...over }]
  })
}
