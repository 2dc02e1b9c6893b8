/** The sound of a room: an audio thread that is started again when its device fails, for example when it is unplugged. */
import { setTimeout } from 'node:timers/promises'
import { type Clock, shift, type Timers } from '@tutti/clock'
import type { PlayoutControl } from '../control.js'
import type { Telemetry } from '../telemetry.js'
import type { AudioThread, AudioThreadSetup, Hearing, startAudioThread } from './audio-thread.js'

const retryUs = 3_000_000
/** A device's queue, a period and the fade, with room to spare. */
const fadeOutMs = 250

export interface PlayerSoundParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly startThread: typeof startAudioThread
  /** Told, in one line, what is wrong with the sound, and when it is over. */
  readonly onProblem: (problem: string) => void
}

export class PlayerSound {
  readonly #setup: AudioThreadSetup
  readonly #parts: PlayerSoundParts
  #thread: AudioThread | undefined
  #control: PlayoutControl | undefined
  #read: Telemetry | undefined
  #cancelRetry: (() => void) | undefined
  #starting: Promise<void> | undefined
  #stopped = false

  /** @throws OutputError if the output cannot be opened at first; later failures are problems, and tried again */
  static async start(setup: AudioThreadSetup, parts: PlayerSoundParts): Promise<PlayerSound> {
    const sound = new PlayerSound(setup, parts)
    await sound.#open()
    return sound
  }

  private constructor(setup: AudioThreadSetup, parts: PlayerSoundParts) {
    this.#setup = setup
    this.#parts = parts
  }

  control(control: PlayoutControl): void {
    this.#control = control
    this.#thread?.control.write(control)
  }

  /** What the audio thread said since the last call; undefined when that is nothing. */
  takeTelemetry(): Telemetry | undefined {
    const telemetry = this.#thread?.telemetry.read()
    if (telemetry === this.#read) return undefined
    this.#read = telemetry
    return telemetry
  }

  /** What was truly heard when; undefined on real hardware. */
  hearing(): Hearing | undefined {
    return this.#thread?.hearing()
  }

  /** For when the control says that there is nothing to play any more. */
  async fadeAndStop(): Promise<void> {
    if (this.#thread?.telemetry.read()?.state === 'playing') await setTimeout(fadeOutMs)
    await this.stop()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    await this.#starting
    await this.#thread?.stop()
    this.#thread = undefined
  }

  async #open(): Promise<void> {
    const thread = await this.#parts.startThread(this.#setup, (error) => this.#failed(error))
    if (this.#control) thread.control.write(this.#control)
    this.#thread = thread
  }

  #failed(error: Error): void {
    const thread = this.#thread
    this.#thread = undefined
    this.#parts.onProblem(`no sound: ${error.message}; trying again every ${retryUs / 1e6} s`)
    void thread?.stop()
    this.#retry()
  }

  #retry(): void {
    if (this.#stopped) return
    const { clock, timers } = this.#parts
    this.#cancelRetry = timers.wakeAt(shift(clock.now(), retryUs), () => {
      this.#starting = this.#open().then(
        () => this.#parts.onProblem('there is sound again'),
        () => this.#retry(),
      )
    })
  }
}
