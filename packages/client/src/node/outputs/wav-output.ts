/** Records what would be heard: a virtual card plays at the pace of the machine's clock, and a file listens. */
import type { AudioOutput, Period, RenderPeriod } from '../../audio-output.js'
import type { LocalClock } from '../local-clock.js'
import { type Listener, VirtualOutput, type VirtualOutputConfig } from './virtual-output.js'
import { WavFile, type WavSample } from './wav-file.js'

export class WavOutput implements AudioOutput {
  readonly #card: VirtualOutput
  readonly #file: WavFile
  /** When the frame after the last one recorded would be heard. */
  #nextHeardAtUs: number | undefined

  /** The recording begins with the first period; where the card underran it has silence of the same length. */
  static async create(
    path: string,
    sample: WavSample,
    config: VirtualOutputConfig,
    clock: LocalClock,
    listener?: Listener,
  ): Promise<WavOutput> {
    return new WavOutput(await WavFile.create(path, { ...config, sample }), config, clock, listener)
  }

  private constructor(file: WavFile, config: VirtualOutputConfig, clock: LocalClock, listener: Listener | undefined) {
    this.#file = file
    this.#card = new VirtualOutput(config, clock, (trueHeardAtUs, period, channels) => {
      listener?.(trueHeardAtUs, period, channels)
      this.#record(trueHeardAtUs, period, channels)
    })
  }

  get sampleRate(): number {
    return this.#card.sampleRate
  }

  get channels(): number {
    return this.#card.channels
  }

  get maxPeriodFrames(): number {
    return this.#card.maxPeriodFrames
  }

  get underruns(): number {
    return this.#card.underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    this.#card.start(render, onFailure)
  }

  async stop(): Promise<void> {
    await this.#card.stop()
    await this.#file.close()
  }

  #record(trueHeardAtUs: number, period: Period, channels: readonly Float32Array[]): void {
    const missedUs = trueHeardAtUs - (this.#nextHeardAtUs ?? trueHeardAtUs)
    if (period.restarted) this.#file.append(Math.round((missedUs * this.sampleRate) / 1e6))
    this.#file.append(period.frames, channels)
    this.#nextHeardAtUs = trueHeardAtUs + (period.frames * 1e6) / this.sampleRate
    if (this.#file.failure) throw this.#file.failure
  }
}
