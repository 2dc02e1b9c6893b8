/**
 * Plays through the package `node-web-audio-api`, which ships binaries for macOS, Windows and Linux. A fallback: it tells
 * its position in steps of a buffer (21 ms and more) and its latency as an estimate, and underruns not at all.
 *
 * Each period is a buffer source started on a whole frame of the context, which plays it bit for bit; when a frame of the
 * context is heard is inferred from the moments at which its position steps. (Web Audio API 1.1, W3C 2024)
 */
import type { LocalUs } from '@tutti/clock'
import type { AudioOutput, RenderPeriod } from '../../audio-output.js'
import { hrtimeUs, type LocalClock } from '../local-clock.js'
import { InferredClock } from './inferred-clock.js'

/** The part of an `AudioContext` that is used. */
export interface WebAudioContext {
  readonly sampleRate: number
  /** Seconds. */
  readonly currentTime: number
  readonly outputLatency: number
  readonly destination: object
  createBuffer(channels: number, frames: number, sampleRate: number): WebAudioBuffer
  createBufferSource(): WebAudioSource
  close(): Promise<void>
}
interface WebAudioBuffer {
  copyToChannel(samples: Float32Array, channel: number): void
}
interface WebAudioSource {
  buffer: WebAudioBuffer | null
  connect(to: object): unknown
  start(atS: number): void
}
type WebAudioModule = {
  readonly AudioContext: new (options: { readonly sampleRate: number; readonly latencyHint: string }) => WebAudioContext
}

export interface WebAudioRequest {
  /** What to import: `node-web-audio-api`, or something that behaves like it. */
  readonly module: string
  readonly sampleRate: number
  readonly channels: number
}

const periodMs = 20
/** Scheduled ahead of the context's position: two of its steps, and timers that are late. */
const aheadMs = 150
const pollMs = 5
/** The position is only watched for so long at first, so that several of its steps are known. */
const primingMs = 500
const windowUs = 3_000_000
const patienceUs = 3_000_000

export class WebAudioOutput implements AudioOutput {
  readonly sampleRate: number
  readonly channels: number
  readonly maxPeriodFrames: number
  readonly #context: WebAudioContext
  readonly #localClock: LocalClock
  readonly #samples: readonly Float32Array[]
  readonly #period: { frames: number; heardAt: LocalUs; queuedFrames: number; restarted: boolean }
  readonly #latenciesUs: number[] = []
  readonly #stepsUs: number[] = []
  #contextClock: InferredClock | undefined
  #nextFrame = 0
  #position = { frame: -1, sinceUs: 0 }
  #timer: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined
  #underruns = 0

  /** @throws one line that says what to do, when there is no such package or no device */
  static async open({ module, sampleRate, channels }: WebAudioRequest, clock: LocalClock): Promise<WebAudioOutput> {
    const { AudioContext } = await (import(module) as Promise<WebAudioModule>).catch((error: Error) => {
      throw new Error(`${error.message.split('\n')[0]} (install it with "npm install ${module}")`)
    })
    return new WebAudioOutput(new AudioContext({ sampleRate, latencyHint: 'playback' }), channels, clock)
  }

  private constructor(context: WebAudioContext, channels: number, clock: LocalClock) {
    this.sampleRate = context.sampleRate
    this.channels = channels
    this.maxPeriodFrames = Math.round((periodMs * context.sampleRate) / 1000)
    this.#context = context
    this.#localClock = clock
    this.#samples = Array.from({ length: channels }, () => new Float32Array(this.maxPeriodFrames))
    this.#period = { frames: this.maxPeriodFrames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: true }
  }

  get underruns(): number {
    return this.#underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    const primedAtUs = hrtimeUs() + primingMs * 1000
    const turn = (): void => {
      try {
        this.#watch()
        if (hrtimeUs() >= primedAtUs) this.#fill(render)
        if (!this.#closed) this.#timer = setTimeout(turn, pollMs)
      } catch (error) {
        void this.stop()
        onFailure(error instanceof Error ? error : new Error(String(error)))
      }
    }
    this.#position = { frame: -1, sinceUs: hrtimeUs() }
    if (!this.#closed) turn()
  }

  stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#closed ??= this.#context.close()
    return this.#closed
  }

  #watch(): void {
    const frame = Math.round(this.#context.currentTime * this.sampleRate)
    const atUs = hrtimeUs()
    if (frame !== this.#position.frame) {
      if (!this.#contextClock) this.#stepsUs.push(((frame - this.#position.frame) * 1e6) / this.sampleRate)
      this.#position = { frame, sinceUs: atUs }
    } else if (atUs - this.#position.sinceUs > patienceUs)
      throw new Error('the sound device has stopped: was it unplugged?')
    if (this.#contextClock) this.#contextClock.taken(frame, atUs)
    else this.#latenciesUs.push(this.#context.outputLatency * 1e6)
  }

  #fill(render: RenderPeriod): void {
    const { frame } = this.#position
    if (!this.#contextClock || frame >= this.#nextFrame) this.#restart(frame)
    const untilFrame = frame + (aheadMs * this.sampleRate) / 1000
    while (!this.#closed && this.#nextFrame < untilFrame) this.#schedule(render)
  }

  /** What was scheduled has been played, and the context went on in silence. */
  #restart(frame: number): void {
    if (this.#contextClock) this.#underruns++
    else {
      // The position is the end of what was last rendered, the latency that of its beginning. Both jitter; taken once,
      // they are at least the same for as long as the device is open.
      const latencyUs = median(this.#latenciesUs) + median(this.#stepsUs.slice(1))
      this.#contextClock = new InferredClock(this.sampleRate, latencyUs, windowUs)
      this.#contextClock.taken(frame, this.#position.sinceUs)
    }
    this.#nextFrame = frame + this.maxPeriodFrames * 2
    this.#period.restarted = true
  }

  #schedule(render: RenderPeriod): void {
    const period = this.#period
    period.heardAt = this.#localClock.at(this.#contextClock!.heardAtUs(this.#nextFrame))
    period.queuedFrames = this.#nextFrame - this.#position.frame
    render(period, this.#samples)
    period.restarted = false
    const buffer = this.#context.createBuffer(this.channels, period.frames, this.sampleRate)
    for (const [channel, samples] of this.#samples.entries()) buffer.copyToChannel(samples, channel)
    const source = this.#context.createBufferSource()
    source.buffer = buffer
    source.connect(this.#context.destination)
    source.start(this.#nextFrame / this.sampleRate)
    this.#nextFrame += period.frames
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
