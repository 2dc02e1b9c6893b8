/**
 * A player talking to a server of a test's making, in virtual time. The server answers probes by itself; everything
 * else it says is the test's. What the player does is noted in a transcript, one line each, probes and control aside.
 */
import { ClockSync, type LocalUs, type Random, type ServerUs } from '@tutti/clock'
import type { PlayoutControl } from '../src/control.js'
import { Player } from '../src/player.js'
import { type PlayerConfig, playerDefaults } from '../src/player-config.js'
import type { HeardMessage, PlayerInput, PlayerOutput } from '../src/player-ports.js'
import { type PlayerSettings, settingsDefaults } from '../src/session-settings.js'
import { idleTelemetry, type PlayoutState, type Telemetry } from '../src/telemetry.js'
import { type Length, LengthDecoder, LengthStore, tailOf } from './length-store.js'

type Input = PlayerInput<number, Length>

interface Due {
  readonly atUs: number
  readonly run: () => void
}

export const config: PlayerConfig = { ...playerDefaults, clientId: 'kitchen-1', name: 'Kitchen' }
/** Seeded enough: what is tested does not depend on the draws. */
export const halves: Random = { uniform: () => 0.5 }

export class Conversation {
  readonly player: Player<number, Length>
  readonly media = new LengthStore(4 * 48_000)
  readonly decoders: LengthDecoder[] = []
  readonly transcript: string[] = []
  readonly saved: PlayerSettings[] = []
  control: PlayoutControl | undefined
  /** Server time at local time 0, and what its clock gains on ours. */
  serverOffsetUs = 5_000_000_000
  serverDriftPpm = 20
  oneWayUs = 300
  /** Whether probes are answered. */
  answering = true
  decodes = true
  nowUs = 1_000_000
  #link = 0
  #queue: Due[] = []
  readonly #unanswered: (readonly [sentUs: number, link: number])[] = []

  constructor({
    connect = 'dial',
    settings = {},
    output,
  }: { connect?: 'dial' | 'listen'; settings?: Partial<PlayerSettings>; output?: string } = {}) {
    this.player = new Player<number, Length>(config, {
      connect,
      settings: { ...settingsDefaults, ...settings },
      output,
      media: this.media,
      sizeOf: () => 320,
      tailOf,
      random: halves,
      synchronise: (remembered) => new ClockSync({ random: halves, ...(remembered ? { remembered } : {}) }),
    })
  }

  get serverNow(): ServerUs {
    return this.serverAt(this.nowUs)
  }

  serverAt(localUs: number): ServerUs {
    return Math.round(this.serverOffsetUs + localUs * (1 + this.serverDriftPpm * 1e-6)) as ServerUs
  }

  /** The transcript since the last call. */
  heard(): string[] {
    return this.transcript.splice(0)
  }

  /** A connection comes up. */
  open(): number {
    const link = ++this.#link
    this.input({ type: 'opened', link })
    return link
  }

  hello(link = this.#link, server: { id?: string; reason?: 'discovery' | 'playback'; roles?: string[] } = {}): void {
    const { id = 'house', reason = 'discovery', roles = ['player@v1', 'metadata@v1'] } = server
    const payload = { server_id: id, name: `Server ${id}`, version: 1, active_roles: roles }
    this.say({ type: 'server/hello', payload: { ...payload, connection_reason: reason } }, link)
  }

  say(message: HeardMessage, link = this.#link): void {
    this.input({ type: 'message', link, message })
  }

  startStream(codec: 'opus' | 'flac' | 'pcm' = 'opus', sampleRate = 48_000): void {
    const player = { codec, sample_rate: sampleRate, channels: 2, bit_depth: 16 }
    this.say({ type: 'stream/start', payload: { player } })
  }

  /** Sends `chunks` 20 ms chunks, the first due at `fromServerUs`. */
  stream(fromServerUs: number, chunks: number, link = this.#link): void {
    for (let n = 0; n < chunks; n++) {
      const timestamp = Math.round(fromServerUs + n * 20_000) as ServerUs
      this.input({ type: 'audio', link, chunk: { timestamp, payload: 960 } })
    }
  }

  drop(link = this.#link, reason = 'connection reset'): void {
    this.input({ type: 'disconnected', link, reason })
  }

  /** The audio thread reports; its playhead is where the schedule says. */
  report(state: PlayoutState, changes: Partial<Telemetry> = {}): void {
    const anchor = this.control?.anchor
    const due = anchor ? anchor.frame + (this.serverNow - anchor.serverAt) * anchor.sampleRate * 1e-6 : 0
    const telemetry: Telemetry = {
      ...idleTelemetry,
      state,
      playheadFrame: Math.max(this.media.firstFrame, Math.min(due, this.media.endFrame)),
      ...changes,
    }
    this.input({ type: 'telemetry', telemetry })
  }

  input(input: Input): void {
    this.#perform(this.player.handle(input, this.nowUs as LocalUs))
  }

  /** Lets time pass, with all wake-ups and answers in it. */
  pass(ms: number): void {
    const untilUs = this.nowUs + ms * 1000
    for (;;) {
      const wakeUs = Math.max(this.player.wakeAt ?? Number.POSITIVE_INFINITY, this.nowUs)
      const next = this.#queue[0]
      if (Math.min(wakeUs, next?.atUs ?? Number.POSITIVE_INFINITY) > untilUs) break
      if (next !== undefined && next.atUs <= wakeUs) {
        this.#queue.shift()
        this.nowUs = Math.max(this.nowUs, next.atUs)
        next.run()
      } else {
        this.nowUs = Math.ceil(wakeUs)
        this.#perform(this.player.wake(this.nowUs as LocalUs))
      }
    }
    this.nowUs = untilUs
  }

  /** Connected, greeted, locked and told so. */
  settle(): void {
    this.pass(0)
    this.open()
    this.hello()
    this.pass(3_000)
  }

  /** Answers what was asked while nothing was, as TCP does that has kept it. */
  catchUp(): void {
    this.answering = true
    for (const [sentUs, link] of this.#unanswered.splice(0)) this.#answer(sentUs, link, this.nowUs + this.oneWayUs)
  }

  /** The same, and ten seconds of a stream have come, half a second ahead, of which the first are heard. */
  play(): void {
    this.settle()
    this.startStream()
    this.pass(20)
    this.stream(this.serverNow + 500_000, 500)
    this.pass(600)
    this.report('playing')
  }

  #later(delayUs: number, run: () => void): void {
    this.#queue.push({ atUs: this.nowUs + delayUs, run })
    this.#queue.sort((a, b) => a.atUs - b.atUs)
  }

  #perform(outputs: readonly PlayerOutput[]): void {
    for (const output of outputs) this.#do(output)
  }

  #do(output: PlayerOutput): void {
    switch (output.type) {
      case 'dial':
        this.transcript.push('dial')
        break
      case 'stopDialling':
        this.transcript.push('stops dialling')
        break
      case 'send':
        this.transcript.push(`${output.link}> ${output.message.type} ${JSON.stringify(output.message.payload)}`)
        break
      case 'hangUp':
        this.transcript.push(`${output.link}> hangs up: ${output.reason}`)
        break
      case 'probe':
        this.#probe(output.link)
        break
      case 'control':
        this.control = output.control
        break
      case 'openDecoder':
        this.transcript.push(`decoder ${output.stream}: ${output.format.codec}`)
        this.#later(10_000, () => this.#giveDecoder(output.stream))
        break
      case 'save':
        this.saved.push(output.settings)
        break
      case 'event':
        if (output.event.type === 'state') this.transcript.push(`${output.event.was} → ${output.event.state}`)
        if (output.event.type === 'problem') this.transcript.push(`! ${output.event.text}`)
        break
    }
  }

  #giveDecoder(stream: number): void {
    const decoder = new LengthDecoder()
    this.decoders.push(decoder)
    this.input({ type: 'decoder', stream, decoder: this.decodes ? decoder : 'no such codec' })
  }

  #probe(link: number): void {
    const sentUs = this.nowUs
    this.input({ type: 'probeSent' })
    if (this.answering) this.#answer(sentUs, link)
    else this.#unanswered.push([sentUs, link])
  }

  #answer(sentUs: number, link: number, receivedUs = sentUs + this.oneWayUs): void {
    const at = this.serverAt(receivedUs)
    const payload = { client_transmitted: sentUs, server_received: at, server_transmitted: at }
    this.#later(receivedUs + this.oneWayUs - this.nowUs, () => this.say({ type: 'server/time', payload }, link))
  }
}

/** A conversation in which audio is being heard. */
export function playing(): Conversation {
  const talk = new Conversation()
  talk.play()
  talk.heard()
  return talk
}

/** What the player sent, without the link and everything but sends. */
export const sends = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.match(/^\d+> (client\/.*)$/)?.[1] ?? [])
