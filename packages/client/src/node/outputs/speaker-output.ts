/**
 * Plays through the package `speaker`: anywhere it builds, at the price of not knowing when. It tells neither its delay
 * nor its underruns, so both are inferred from when it takes samples. A fallback: expect a millisecond or two at best,
 * and an unknown but constant distance from other kinds of output.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { LocalUs } from '@tutti/clock'
import type { AudioOutput, RenderPeriod } from '../../audio-output.js'
import { hrtimeUs, type LocalClock } from '../local-clock.js'
import { InferredClock } from './inferred-clock.js'
import type { SpeakerReport, SpeakerRequest } from './speaker-child.js'

/** The ALSA back end of `speaker` 0.5 has a fixed buffer of this length, and takes samples in lumps of a quarter. */
const bufferMs = 500
const periodMs = 20
/** Chunks sent but not taken: enough to last while a report and the next chunk are on their way. */
const mostInFlight = 4
/** Silence before the first period: fills the buffer and lets two lumps go by, so that the clock is known. */
const primingMs = bufferMs + 300
const windowUs = 3_000_000
const openingPatienceMs = 5_000
const childFile = new URL('./speaker-child.js', import.meta.url)

export class SpeakerOutput implements AudioOutput {
  readonly sampleRate: number
  readonly channels: number
  readonly maxPeriodFrames: number
  readonly #child: ChildProcess
  readonly #localClock: LocalClock
  readonly #samples: readonly Float32Array[]
  readonly #period: { frames: number; heardAt: LocalUs; queuedFrames: number; restarted: boolean }
  #deviceClock: InferredClock
  #render: RenderPeriod | undefined
  #onFailure: ((error: Error) => void) | undefined
  #sentFrames = 0
  #takenFrames = 0
  #inFlight = 0
  #underruns = 0
  #stopped = false

  /** @throws one line that says what to do, when there is no such package or no device */
  static async open(request: SpeakerRequest, clock: LocalClock): Promise<SpeakerOutput> {
    const child = fork(childFile, { serialization: 'advanced', stdio: 'ignore' })
    try {
      await opened(child, request)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    return new SpeakerOutput(child, request, clock)
  }

  private constructor(child: ChildProcess, request: SpeakerRequest, clock: LocalClock) {
    this.sampleRate = request.sampleRate
    this.channels = request.channels
    this.maxPeriodFrames = Math.round((periodMs * request.sampleRate) / 1000)
    this.#child = child
    this.#localClock = clock
    this.#deviceClock = this.#freshClock()
    this.#samples = Array.from({ length: request.channels }, () => new Float32Array(this.maxPeriodFrames))
    this.#period = { frames: this.maxPeriodFrames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: true }
    child.on('message', (report: SpeakerReport) => {
      if (report.type === 'taken') this.#taken(report.atUs)
      else if (report.type === 'failed') this.#fail(new Error(report.message))
    })
    child.on('error', (error) => this.#fail(error))
    child.once('exit', () => this.#fail(new Error('the process of the package "speaker" has ended')))
  }

  get underruns(): number {
    return this.#underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    this.#render = render
    this.#onFailure = onFailure
    this.#fill()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // Closing it properly would block for as long as its buffer is.
    await ended(this.#child)
  }

  #taken(atUs: number): void {
    this.#inFlight--
    this.#takenFrames += this.maxPeriodFrames
    this.#deviceClock.taken(this.#takenFrames, atUs)
    this.#fill()
  }

  #fill(): void {
    try {
      while (!this.#stopped && this.#inFlight < mostInFlight) this.#sendPeriod()
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #sendPeriod(): void {
    const isPrimed = this.#takenFrames * 1000 >= primingMs * this.sampleRate
    const heardAtUs = this.#deviceClock.heardAtUs(this.#sentFrames)
    if (isPrimed && hrtimeUs() > heardAtUs) {
      this.#restart()
      return
    }
    if (isPrimed) {
      this.#period.heardAt = this.#localClock.at(heardAtUs)
      this.#period.queuedFrames = this.#sentFrames - this.#takenFrames
      this.#render?.(this.#period, this.#samples)
      this.#period.restarted = false
    } else for (const samples of this.#samples) samples.fill(0)
    this.#inFlight++
    this.#sentFrames += this.maxPeriodFrames
    this.#child.send(interleave(this.#samples, this.maxPeriodFrames))
  }

  /** Everything sent has been played: the device has run dry, and frames are counted from here. */
  #restart(): void {
    this.#underruns++
    this.#period.restarted = true
    this.#deviceClock = this.#freshClock()
    // What is still in flight is taken as part of the new run.
    this.#sentFrames = this.#inFlight * this.maxPeriodFrames
    this.#takenFrames = 0
  }

  #freshClock(): InferredClock {
    return new InferredClock(this.sampleRate, bufferMs * 1000, windowUs)
  }

  #fail(error: Error): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#child.kill('SIGKILL')
    this.#onFailure?.(error)
  }
}

function opened(child: ChildProcess, request: SpeakerRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(why))
    const patience = setTimeout(() => fail('the device does not answer'), openingPatienceMs)
    child.once('error', reject)
    child.once('message', (report: SpeakerReport) => {
      clearTimeout(patience)
      if (report.type === 'failed')
        fail(
          `${report.message} (install it with "npm install speaker"; on Linux it needs libasound2-dev and a compiler)`,
        )
      else resolve()
    })
    child.once('exit', () => {
      clearTimeout(patience)
      fail('the package "speaker" has aborted: is there a default sound device, and may this user open it?')
    })
    child.send(request)
  })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** 16-bit samples, rounded, in the machine's byte order, which is what `speaker` takes. */
function interleave(channels: readonly Float32Array[], frames: number): Uint8Array {
  const samples = new Int16Array(frames * channels.length)
  for (let c = 0; c < channels.length; c++)
    for (let i = 0; i < frames; i++)
      samples[i * channels.length + c] = Math.round(Math.max(-1, Math.min(1, channels[c]![i]!)) * 32_767)
  return new Uint8Array(samples.buffer)
}
