/**
 * A virtual card played in real time. Periods are asked for only while the card runs, because before that nobody knows
 * when they will be heard: every start is made with a buffer of silence.
 */
import { type LocalUs, shift } from '@tutti/clock'
import type { AudioOutput, Period, RenderPeriod } from '../../audio-output.js'
import { VirtualCard } from '../../virtual-card.js'
import { hrtimeUs, type LocalClock } from '../local-clock.js'
import { SeededRandom } from './seeded-random.js'

export interface VirtualOutputConfig {
  /** Hertz, nominal. */
  readonly sampleRate: number
  readonly channels: number
  /** How much faster than nominal the card plays by the machine's own clock. */
  readonly ppm: number
  readonly bufferMs: number
  readonly periodMs: number
  /** Standard deviation of the delay it reports, µs. */
  readonly delayNoiseUs: number
  readonly seed: number
}

/**
 * Hears every period that reaches the card, in order. `trueHeardAtUs` is when its first frame leaves the speaker, by
 * the machine's own clock: exact, free of the noise in what the player is told.
 */
export type Listener = (trueHeardAtUs: number, period: Period, channels: readonly Float32Array[]) => void

export class VirtualOutput implements AudioOutput {
  readonly sampleRate: number
  readonly channels: number
  readonly maxPeriodFrames: number
  readonly #clock: LocalClock
  readonly #card: VirtualCard
  readonly #bufferFrames: number
  readonly #listener: Listener | undefined
  readonly #samples: readonly Float32Array[]
  readonly #period: { frames: number; heardAt: LocalUs; queuedFrames: number; restarted: boolean }
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(config: VirtualOutputConfig, clock: LocalClock, listener?: Listener) {
    this.sampleRate = config.sampleRate
    this.channels = config.channels
    this.maxPeriodFrames = Math.round((config.periodMs * config.sampleRate) / 1000)
    this.#bufferFrames = Math.round((config.bufferMs * config.sampleRate) / 1000)
    if (!(this.maxPeriodFrames >= 1 && this.#bufferFrames >= 2 * this.maxPeriodFrames))
      throw new RangeError(`a buffer of ${config.bufferMs} ms does not hold two periods of ${config.periodMs} ms`)
    this.#clock = clock
    this.#listener = listener
    this.#card = new VirtualCard({ ...config, bufferFrames: this.#bufferFrames }, new SeededRandom(config.seed))
    this.#samples = Array.from({ length: config.channels }, () => new Float32Array(this.maxPeriodFrames))
    this.#period = { frames: this.maxPeriodFrames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: true }
  }

  get underruns(): number {
    return this.#card.underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    const pump = () => {
      try {
        this.#fill(render)
      } catch (error) {
        this.#stopped = true
        onFailure(error instanceof Error ? error : new Error(String(error)))
      }
      if (this.#stopped) return
      const now = hrtimeUs()
      const wakeAtUs = this.#card.freeAtUs(this.maxPeriodFrames, now) ?? now
      this.#timer = setTimeout(pump, Math.ceil((wakeAtUs - now) / 1000))
    }
    this.#timer = setTimeout(pump)
  }

  stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    return Promise.resolve()
  }

  /** Renders every period that is free. */
  #fill(render: RenderPeriod): void {
    const card = this.#card
    const period = this.#period
    for (;;) {
      const now = hrtimeUs()
      if (!card.isRunning(now)) {
        card.write(this.#bufferFrames, now)
        period.restarted = true
      }
      if (card.freeFrames(now) < period.frames || this.#stopped) return
      period.queuedFrames = card.reportDelayFrames(now)
      period.heardAt = shift(this.#clock.at(now), (period.queuedFrames * 1e6) / this.sampleRate)
      render(period, this.#samples)
      const writtenAt = hrtimeUs()
      const trueHeardAtUs = card.nextHeardAtUs(writtenAt)
      if (trueHeardAtUs === undefined) continue // rendering took longer than the buffer
      card.write(period.frames, writtenAt)
      this.#listener?.(trueHeardAtUs, period, this.#samples)
      period.restarted = false
    }
  }
}
