/**
 * A sound card made of arithmetic: it starts when its buffer is full, then plays frames at the pace of its own crystal,
 * as a pure function of true time, and stops when it runs dry. What it says of its delay is in whole frames and noisy;
 * what is truly heard when, it alone knows exactly.
 */
import type { Random } from '@tutti/clock'

export interface VirtualCardConfig {
  /** Hertz, nominal. */
  readonly sampleRate: number
  /** How much faster than nominal the crystal runs by true time. */
  readonly ppm: number
  readonly bufferFrames: number
  /** Standard deviation of the reported delay, µs. */
  readonly delayNoiseUs: number
}

/** All times are true time, in µs, and must not decrease from call to call. */
export class VirtualCard {
  readonly #config: VirtualCardConfig
  readonly #random: Random
  readonly #framesPerUs: number
  #startedAtUs: number | undefined
  /** Frames taken since the start, or waiting for it. */
  #written = 0
  #underruns = 0

  constructor(config: VirtualCardConfig, random: Random) {
    this.#config = config
    this.#random = random
    this.#framesPerUs = config.sampleRate * (1 + config.ppm * 1e-6) * 1e-6
  }

  get underruns(): number {
    return this.#underruns
  }

  /** False before the buffer has been filled, and again from the moment it ran dry. */
  isRunning(atUs: number): boolean {
    if (this.#startedAtUs !== undefined && this.#played(atUs) >= this.#written) {
      this.#underruns++
      this.#startedAtUs = undefined
      this.#written = 0
    }
    return this.#startedAtUs !== undefined
  }

  freeFrames(atUs: number): number {
    return this.#config.bufferFrames - this.#queuedFrames(atUs)
  }

  /** Takes as many of `frames` as are free and returns how many. */
  write(frames: number, atUs: number): number {
    const taken = Math.min(frames, this.freeFrames(atUs))
    this.#written += taken
    if (this.#startedAtUs === undefined && this.#written === this.#config.bufferFrames) this.#startedAtUs = atUs
    return taken
  }

  /** What the card says is queued before the next frame written, in frames. */
  reportDelayFrames(atUs: number): number {
    const noiseFrames = this.#normal() * this.#config.delayNoiseUs * 1e-6 * this.#config.sampleRate
    return Math.round(this.#queuedFrames(atUs) + noiseFrames)
  }

  /** When the next frame written will truly be heard; undefined unless running. */
  nextHeardAtUs(atUs: number): number | undefined {
    if (!this.isRunning(atUs)) return undefined
    return this.#startedAtUs! + this.#written / this.#framesPerUs
  }

  /** When `frames` will be free; undefined unless running. */
  freeAtUs(frames: number, atUs: number): number | undefined {
    if (!this.isRunning(atUs)) return undefined
    return this.#startedAtUs! + (this.#written + frames - this.#config.bufferFrames) / this.#framesPerUs
  }

  #queuedFrames(atUs: number): number {
    const played = this.isRunning(atUs) ? Math.floor(this.#played(atUs)) : 0
    return this.#written - played
  }

  #played(atUs: number): number {
    return (atUs - this.#startedAtUs!) * this.#framesPerUs
  }

  /** Standard normal (Box and Muller). */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.uniform()))
    return radius * Math.cos(2 * Math.PI * this.#random.uniform())
  }
}
