/** This page as a room: the same player as on any other machine, with what a browser has for a network and a sound card. */
import {
  type AudioPlayer,
  createAudioPlayer,
  type LinkInput,
  MediaRing,
  type PlayerInput,
  PlayerLinks,
  type PlayerOutput,
  type PlayoutControl,
  playerDefaults,
  Renderer,
  Speaker,
  type Telemetry,
} from '@tutti/client'
import type { LocalUs, ServerUs } from '@tutti/clock'
import { createDecoder } from '@tutti/codec'
import { drive, type Transport } from '@tutti/protocol'
import type AudioBlock from 'audio-buffer'
import { AheadOutput } from './ahead-output.js'
import { BrowserClock, BrowserTimers } from './browser-clock.js'
import { dialWebSocket } from './browser-transport.js'
import { keepSettings, ownId, storedSettings } from './room-memory.js'

export interface RoomReport {
  readonly clientId: string
  readonly state: string
  readonly title: string | undefined
}

export interface BrowserRoomParts {
  /** Made and resumed within a tap; the room closes it. */
  readonly context: AudioContext
  readonly name: string
  readonly onReport: (report: RoomReport) => void
  /** What keeps the room from sounding, in words; undefined when nothing does any more. */
  readonly onProblem: (text: string | undefined) => void
  /** The room has ended by itself, in words why. */
  readonly onEnd: (reason: string) => void
}

type Input = PlayerInput<Uint8Array, AudioBlock>

/** Decoded audio the ring holds: what is ahead, what a cleared epoch leaves until it is faded out, and slack. */
const ringS = 4
const reportEveryUs = 500_000
/** The same id has connected again: another tab of this browser plays now. */
const replacedCode = 4409
/** A tick so much late: the page has slept, and its audio with it. */
const sleptUs = 3_000_000

export class BrowserRoom {
  readonly #parts: BrowserRoomParts
  readonly #clock: BrowserClock
  readonly #timers: BrowserTimers
  readonly #output: AheadOutput
  readonly #metronome: Worker
  readonly #player: AudioPlayer
  readonly #clientId = ownId()
  readonly #links: PlayerLinks
  readonly #feed: (input: Input, at: LocalUs) => void
  /** The connection that is being made: browsers make one at a time (RFC 6455, section 4.1). */
  #dialling: Transport | undefined
  #control: PlayoutControl = { clock: undefined, anchor: undefined, gain: 0, outputDelayUs: 0, channelMode: 'stereo' }
  #telemetry: Telemetry | undefined
  #reportAt = 0
  #tickedAt: LocalUs
  #isOver = false

  static async open(parts: BrowserRoomParts): Promise<BrowserRoom> {
    const clock = new BrowserClock()
    return new BrowserRoom(parts, clock, await AheadOutput.open(parts.context, clock))
  }

  private constructor(parts: BrowserRoomParts, clock: BrowserClock, output: AheadOutput) {
    this.#parts = parts
    this.#clock = clock
    this.#timers = new BrowserTimers(clock)
    this.#output = output
    this.#links = new PlayerLinks(
      { clock, timers: this.#timers },
      (input, at) => this.#linked(input, at),
      parts.onProblem,
    )
    this.#tickedAt = clock.now()
    const { context } = parts
    const media = MediaRing.allocate(ringS * 48_000)
    const speaker = new Speaker({
      sampleRate: this.#output.sampleRate,
      media,
      renderer: new Renderer(media, this.#output),
      readControl: () => this.#control,
      writeTelemetry: (telemetry) => {
        this.#telemetry = { ...telemetry }
      },
    })
    this.#player = createAudioPlayer(
      {
        ...playerDefaults,
        clientId: this.#clientId,
        name: parts.name,
        device: { product_name: 'Tutti page', manufacturer: 'Tutti' },
      },
      { connect: 'dial', settings: storedSettings(), output: 'this browser', media },
      { uniform: () => Math.random() },
    )
    this.#feed = drive(this.#player, { clock: this.#clock, timers: this.#timers }, (output) => this.#perform(output))
    this.#output.start((period, channels) => speaker.render(period, channels))
    this.#metronome = new Worker(new URL('./metronome.worker.ts', import.meta.url), { type: 'module' })
    this.#metronome.onmessage = () => this.#tick()
    context.onstatechange = () => this.#heed()
    document.addEventListener('visibilitychange', this.#heed)
    this.#heed()
  }

  async stop(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    document.removeEventListener('visibilitychange', this.#heed)
    this.#parts.context.onstatechange = null
    this.#feed({ type: 'stop', reason: 'user_request' }, this.#clock.now())
    this.#metronome.terminate()
    await this.#output.stop()
  }

  #tick(): void {
    const now = this.#clock.now()
    if (now - this.#tickedAt > sleptUs) this.#feed({ type: 'woke' }, now)
    this.#tickedAt = now
    this.#timers.tick()
    this.#output.tick()
    const telemetry = this.#heardTelemetry()
    if (telemetry !== undefined) this.#feed({ type: 'telemetry', telemetry }, now)
    if (now < this.#reportAt) return
    this.#reportAt = now + reportEveryUs
    const { state, title } = this.#player.status(now)
    this.#parts.onReport({ clientId: this.#clientId, state, title })
  }

  /** Nothing is rendered for a context that has stopped, and nothing heard: then the last report is no longer true. */
  #heardTelemetry(): Telemetry | undefined {
    if (this.#telemetry === undefined || this.#parts.context.state === 'running') return this.#telemetry
    return { ...this.#telemetry, state: 'waiting', heardServerAt: Number.NaN as ServerUs }
  }

  /** Browsers stop sound for reasons of their own (a call, a locked screen); it is said, and tried again when seen. */
  readonly #heed = (): void => {
    const { context, onProblem } = this.#parts
    if (context.state === 'running') onProblem(undefined)
    else if (document.visibilityState === 'visible') {
      void context.resume()
      onProblem('This device has stopped the sound. Touch the page to let it go on.')
      addEventListener('pointerdown', () => void context.resume(), { once: true })
    } else onProblem('This device silenced the page while it was hidden.')
  }

  #perform(output: PlayerOutput): void {
    switch (output.type) {
      case 'dial':
        this.#stopDialling()
        this.#dialling = dialWebSocket(serverAddress(), this.#links.attach, this.#clock)
        break
      case 'stopDialling':
        this.#stopDialling()
        break
      case 'send':
        this.#links.send(output.link, output.message)
        break
      case 'probe':
        this.#probe(output.link)
        break
      case 'hangUp':
        this.#links.hangUp(output.link, output.reason)
        break
      case 'control':
        this.#control = output.control
        break
      case 'openDecoder':
        void createDecoder(output.format, output.codecHeader)
          .catch((error: Error) => error.message)
          .then((decoder) => this.#feed({ type: 'decoder', stream: output.stream, decoder }, this.#clock.now()))
        break
      case 'save':
        keepSettings(output.settings)
        break
      case 'event':
        if (output.event.type === 'problem') this.#parts.onProblem(output.event.text)
        else if (output.event.type === 'state' && output.event.state === 'playing') this.#parts.onProblem(undefined)
    }
  }

  #probe(link: number): void {
    const at = this.#links.probe(link)
    if (at !== undefined) this.#feed({ type: 'probeSent' }, at)
  }

  #stopDialling(): void {
    this.#dialling?.close(1000, 'not needed any more')
    this.#dialling = undefined
  }

  #linked(input: LinkInput, at: LocalUs): void {
    if (input.type === 'opened') this.#dialling = undefined
    if (input.type === 'disconnected' && input.code === replacedCode && this.#links.count === 0) {
      void this.stop()
      this.#parts.onEnd('Another tab of this browser plays now.')
      return
    }
    this.#feed(input, at)
  }
}

/** The server the page came from. */
function serverAddress(): string {
  const url = new URL('sendspin', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  url.hash = ''
  return url.href
}
