/**
 * What a session plays: chunks in, decoded a little at a time, and how the audio thread says it goes. It knows no
 * server and no connection; whoever calls says what the server's clock reads.
 */
import { type LocalUs, type ServerUs, shift } from '@tutti/clock'
import type { AudioChunk, PlayerStream } from '@tutti/protocol'
import type { Anchor } from './control.js'
import { type Deadline, isDue } from './deadline.js'
import type { ChunkDecoder } from './decode-pump.js'
import type { PlayerConfig } from './player-config.js'
import { type AudioParts, type NewStream, SessionAudio } from './session-audio.js'
import { type RememberedTail, type RoundTrips, SessionBuffer } from './session-buffer.js'
import type { SessionEvent } from './session-states.js'
import type { Telemetry } from './telemetry.js'

/** Between runs of the decoders that have more to do: long enough to take what the network brought meanwhile. */
const pumpIntervalUs = 1_000
/** For so long after a clear the audio thread may still report the audio before it: its fade, and a poll. */
const fadedAfterUs = 200_000

/** One instant, as it looks to a session. */
export interface Moment {
  readonly at: LocalUs
  /** On the server's clock; undefined while the clocks are apart. */
  readonly serverAt: ServerUs | undefined
  /** Delay of what follows the device: audio is due at the device so much earlier. */
  readonly outputDelayUs: number
  /** Whether a time reply is under way, which should find the thread free. */
  readonly awaitsReply: boolean
}

export class SessionPlayback<Payload, Block extends { readonly length: number }> {
  readonly audio: SessionAudio<Payload, Block>
  readonly #buffer: SessionBuffer
  #telemetry: Telemetry | undefined
  #pumpAt: Deadline
  #clearedAt: LocalUs | undefined

  constructor(config: PlayerConfig, parts: AudioParts<Payload, Block>) {
    this.audio = new SessionAudio(config, parts)
    this.#buffer = new SessionBuffer(config.minBufferMs, config.bufferBounds)
  }

  /** When there is more to decode; undefined when something has to arrive first. */
  get wakeAt(): Deadline {
    return this.#pumpAt
  }

  /** The audio thread's last report; undefined before the first. */
  get telemetry(): Telemetry | undefined {
    return this.#telemetry
  }

  /** Where the decoded audio belongs; the same object until that has changed. */
  get anchor(): Anchor | undefined {
    return this.audio.anchor
  }

  /** Audio the server should keep queued here, in ms. */
  get minBufferMs(): number {
    return this.#buffer.minBufferMs
  }

  /** Audio the device should hold, in ms. */
  get queueMs(): number {
    return this.#buffer.queueMs
  }

  /** What the path was found to be like; undefined until minutes have shown it. */
  get rememberedTail(): RememberedTail | undefined {
    return this.#buffer.remembered
  }

  /** Takes what the first exchanges say of the path, and what was known of it. */
  learn(roundTrips: RoundTrips, remembered: RememberedTail | undefined): void {
    this.#buffer.learn(roundTrips, remembered)
  }

  /** Begins the stream or changes its format; the decoder needed, undefined when it is the one in use. */
  start(player: PlayerStream): NewStream | undefined {
    if (!this.audio.active) this.#buffer.restart()
    return this.audio.start(player)
  }

  /** Takes a chunk; true when it shows that what came before is void. */
  arrived(chunk: AudioChunk<Payload>, moment: Moment): boolean {
    const { at, serverAt } = moment
    if (serverAt !== undefined) this.#buffer.arrived(chunk.timestamp - serverAt, at)
    const isRewound = this.audio.push(chunk, serverAt) === 'rewound'
    if (isRewound) this.#clearedAt = at
    this.#pumpUnlessPaced(moment)
    return isRewound
  }

  /** A decoder for chunks of `stream`; null when it cannot be had. */
  equip(stream: number, decoder: ChunkDecoder<Payload, Block> | null, moment: Moment): void {
    this.audio.setDecoder(stream, decoder)
    this.#pump(moment)
  }

  /** Takes a report of the audio thread; what it shows, where it shows anything. */
  reported(telemetry: Telemetry, moment: Moment): Extract<SessionEvent, 'heard' | 'starved'> | undefined {
    this.#telemetry = telemetry
    this.#buffer.reported(telemetry, moment.outputDelayUs, moment.at)
    this.#pumpUnlessPaced(moment)
    if (telemetry.state === 'starved') return 'starved'
    const isVoid = this.#clearedAt !== undefined && moment.at < shift(this.#clearedAt, fadedAfterUs)
    return telemetry.state === 'playing' && !isVoid ? 'heard' : undefined
  }

  /** Another part of the stream follows. */
  jump(at: LocalUs): void {
    this.clear(at)
    this.#buffer.restart()
  }

  /** What has arrived is void. */
  clear(at: LocalUs): void {
    this.audio.clear()
    this.#clearedAt = at
  }

  /** Goes on with what was left undone when that was due. */
  wake(moment: Moment): void {
    if (isDue(this.#pumpAt, moment.at)) this.#pump(moment)
  }

  /** Frees the decoders; nothing may be called after it. */
  close(): void {
    this.audio.close()
    this.#pumpAt = undefined
  }

  /** A pump that has more to do comes back by itself, at its own pace. */
  #pumpUnlessPaced(moment: Moment): void {
    if (this.#pumpAt === undefined) this.#pump(moment)
  }

  #pump({ at, serverAt, outputDelayUs, awaitsReply }: Moment): void {
    const dueAt = serverAt === undefined ? undefined : shift(serverAt, outputDelayUs)
    const hasMore = this.audio.pump(at, dueAt, this.#telemetry?.playheadFrame ?? 0, awaitsReply)
    this.#pumpAt = hasMore ? shift(at, pumpIntervalUs) : undefined
    if (!this.audio.active && serverAt !== undefined && this.audio.exhausted(serverAt)) this.audio.clear()
  }
}
