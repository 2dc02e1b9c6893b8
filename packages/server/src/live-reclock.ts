/**
 * Puts a live source, which has its own crystal, onto the server's timeline: a delay-locked loop on arrival (as in Fons
 * Adriaensen, "Controlling adaptive resampling", 2012).
 *
 * Frames arrive in lumps and late, never early: of the arrivals of a second the least delayed says how much audio the
 * source has really made by then. The timeline takes its frames at instants known beforehand, so what is buffered is
 * the difference of two lines, and a proportional-integral loop bends the rate until it is at its target.
 *
 * It gives the frames it is asked for, whatever has come. Where the source has nothing, it gives silence between fades; where too
 * much has piled up (a stall and then all of it at once), it drops back to the target in a cross-fade.
 *
 * What is taken as it comes is taken as soon as it is there (`readyFrames`), and nothing of it is held back: the target is one lump,
 * so that the timeline takes the first frame of a lump just when it comes, nothing is kept for a fade, and it may begin with
 * fewer frames than asked for; whoever takes it sees to it that what breaks off dies away.
 */
import type { ServerUs } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { type Arrival, LiveArrivals } from './live-arrivals.js'
import { LiveBuffer } from './live-buffer.js'
import { LiveLumps } from './live-lumps.js'
import { LivePlayhead } from './live-playhead.js'
import { LiveRate } from './live-rate.js'

export interface ReclockConfig {
  /** Nominal, of the source and of what comes out, in hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Audio to hold between arrival and timeline, in ms: more than its arrivals are ever late. */
  readonly targetMs: number
  /** To hold no more of it than the lump it came in, nor more than `targetMs`. */
  readonly isAsItComes?: boolean
  /** Audio to take at most, in ms. */
  readonly capacityMs: number
}

/** How the source is doing. */
export interface ReclockStatus {
  readonly state: 'filling' | 'playing'
  /** Audio held, by the least delayed arrival of late; undefined while filling. */
  readonly bufferedMs: number | undefined
  /** How much faster than nominal the source runs against the server's clock. */
  readonly ppm: number
  /** Times it had nothing. */
  readonly underruns: number
  /** Times it had so much that some was left out. */
  readonly drops: number
}

/** Watched before the first frame is played: time to see whether it comes steadily, in a burst, or as fast as we read. */
export const settleUs = 200_000
/** An arrival this much later than the least delayed is as good to begin with. */
const leastSpareUs = 1_000
/** Audio beyond the target that is dropped rather than played off: this much, or half of the target. */
const leastSlackUs = 60_000

export class LiveReclock {
  /** False when the source waits for us to read: then the pace is ours, and nothing is bent or dropped. */
  isFollowing = true
  readonly #config: ReclockConfig
  readonly #buffer: LiveBuffer
  readonly #head: LivePlayhead
  readonly #rate: LiveRate
  readonly #arrivals: LiveArrivals
  readonly #lumps: LiveLumps | undefined
  readonly #framesPerUs: number
  readonly #slackUs: number
  #state: ReclockStatus['state'] = 'filling'
  #targetUs: number
  /** When the next frame is due. */
  #dueAt = 0 as ServerUs
  #isComplete = false
  #underruns = 0
  #drops = 0

  constructor(config: ReclockConfig) {
    const { sampleRate, channels, targetMs, isAsItComes, capacityMs } = config
    this.#config = config
    this.#buffer = new LiveBuffer(channels, Math.ceil((capacityMs * sampleRate) / 1000))
    this.#framesPerUs = sampleRate / 1e6
    this.#head = new LivePlayhead(this.#buffer, sampleRate)
    this.#rate = new LiveRate(sampleRate)
    this.#arrivals = new LiveArrivals(this.#framesPerUs)
    this.#slackUs = Math.max(leastSlackUs, targetMs * 500)
    this.#lumps = isAsItComes ? new LiveLumps() : undefined
    this.#targetUs = targetMs * 1000
  }

  get status(): ReclockStatus {
    const arrival = this.#arrivals.latest
    const isKnown = this.#state === 'playing' && arrival !== undefined
    return {
      state: this.#state,
      bufferedMs: isKnown ? (this.#errorUs(arrival) + this.#targetUs) / 1000 : undefined,
      ppm: (this.#rate.ratio - 1) * 1e6,
      underruns: this.#underruns,
      drops: this.#drops,
    }
  }

  /** Whether a pull of `frames` would find the source run dry. */
  lacks(frames: number): boolean {
    return this.#state === 'playing' && this.readyFrames < frames + this.#reserveFrames
  }

  /** Frames that have come and could be pulled now, those kept for a fade among them; 0 before it plays. */
  get readyFrames(): number {
    return this.#state === 'playing' ? this.#readable(this.#head.position) : 0
  }

  /** Whether what has come by `at` is enough to see how it comes. */
  hasSettled(at: ServerUs): boolean {
    const { firstAt } = this.#arrivals
    return firstAt !== undefined && at >= firstAt + settleUs
  }

  /** Whether it is to be taken as soon as it is there. */
  get isAsItComes(): boolean {
    return this.#lumps !== undefined && this.isFollowing && this.#state === 'playing'
  }

  /** Audio that has come and has not been played, in ms. */
  get heldMs(): number {
    return ((this.#buffer.endFrame - this.#head.oldest) * 1000) / this.#config.sampleRate
  }

  /** Whether all has been played that can be, of a source that gives no more. */
  get isDrained(): boolean {
    return this.#isComplete && this.#state === 'filling' && !this.#head.hasRest
  }

  /** Nothing more will come: what is there needs no company to be played. */
  complete(): void {
    this.#isComplete = true
    if (this.isAsItComes && this.readyFrames < 2 * this.#head.fadeFrames) this.#runDry()
  }

  /** Gives up waiting for what should have come: it is looked at afresh when it does. */
  pause(): void {
    if (this.#state === 'playing') this.#runDry()
  }

  /** Takes what the source gave; `at` is when it came, read as soon as it did. */
  push(channels: readonly Float32Array[], at: ServerUs): void {
    const lagUs = this.#arrivals.lagUs(this.#buffer.endFrame, at)
    if (this.isFollowing && lagUs !== undefined) this.#lumps?.lagged(lagUs)
    this.#buffer.append(channels)
    this.#arrivals.received(this.#buffer.endFrame, at)
  }

  /**
   * The next frames of the timeline, the first of which is due at `dueAt`. What is given as it comes begins with fewer, if no
   * more have come.
   */
  pull(frames: number, dueAt: ServerUs): AudioBuffer {
    this.#dueAt = dueAt
    this.#targetUs = this.#wantedTargetUs
    const startFrames = this.#state === 'playing' ? undefined : this.#startFrames(frames)
    const { sampleRate, channels } = this.#config
    const block = new AudioBuffer({ length: startFrames ?? frames, numberOfChannels: channels, sampleRate })
    const output = Array.from({ length: channels }, (_, channel) => block.getChannelData(channel))
    if (this.#state === 'playing') this.#play(frames, output)
    else if (startFrames !== undefined) this.#start(startFrames, output)
    else this.#arrivals.passWindow(dueAt)
    return block
  }

  #play(frames: number, output: readonly Float32Array[]): void {
    this.#steer()
    const excess = this.#excessFrames(frames)
    if (excess > 0) this.#drops++
    this.#give(frames, output, excess > 0 ? this.#head.fadeFrames : 0, this.#head.position + excess)
  }

  /** What is to be left out, because it is too much to be played off. */
  #excessFrames(frames: number): number {
    const { best } = this.#arrivals
    if (!this.isFollowing || best === undefined) return 0
    const excessUs = this.#errorUs(best)
    if (excessUs <= this.#slackUs) return 0
    const excess = Math.floor(excessUs * this.#framesPerUs)
    const remains = this.#buffer.readable(this.#head.position + excess, this.#rate.ratio)
    return remains < 2 * frames + this.#head.fadeFrames ? 0 : excess
  }

  #start(frames: number, output: readonly Float32Array[]): void {
    this.#state = 'playing'
    this.#arrivals.restartWindow(this.#dueAt)
    this.#give(frames, output, this.#head.fadeFrames, this.#head.position)
  }

  #give(frames: number, output: readonly Float32Array[], fadeInFrames: number, position: number): void {
    const ratios = this.#rate.bend(frames, this.isFollowing)
    const run = { ...ratios, frames, position, fadeInFrames, reserveFrames: this.#reserveFrames }
    if (!this.#head.play(run, output)) this.#runDry()
    this.#dueAt = (this.#dueAt + frames / this.#framesPerUs) as ServerUs
  }

  #runDry(): void {
    this.#state = 'filling'
    this.#underruns++
    this.#arrivals.pause()
  }

  /**
   * Finds where to start: at the target, or with the oldest frame of a source that waits for us. With up to `frames`, as many
   * as the result says; undefined while it cannot.
   */
  #startFrames(frames: number): number | undefined {
    const { firstFrame, endFrame } = this.#buffer
    const { oldest } = this.#head
    if (this.#isComplete && this.#head.hasRest) {
      this.#head.moveTo(oldest)
      return frames
    }
    if (!this.hasSettled(this.#dueAt)) return undefined
    if (!this.isFollowing) {
      this.#head.moveTo(oldest)
      return endFrame - oldest >= this.#targetUs * this.#framesPerUs ? frames : undefined
    }
    const arrival = this.#arrivals.leastDelayed
    if (arrival === undefined) return undefined
    const position = arrival.frames + (this.#dueAt - arrival.at - this.#targetUs) * this.#framesPerUs
    if (position < firstFrame) return undefined
    const readable = this.#readable(position)
    const wanted = this.#lumps === undefined ? frames + this.#head.fadeFrames : this.#head.fadeFrames
    if (readable < wanted) return undefined
    this.#head.moveTo(Math.floor(position))
    return Math.min(frames, readable)
  }

  /** Once in a window, bends the rate towards the target. */
  #steer(): void {
    const window = this.#arrivals.endWindow(this.#dueAt)
    if (window === undefined) return
    this.#rate.steer(this.#errorUs(window.leastDelayed), window.elapsedUs / 1e6)
  }

  /** Cautiously, so that it is not one frame too many. */
  #readable(position: number): number {
    return this.#buffer.readable(position, this.#rate.soonRatio)
  }

  /** What is to be held after the least delayed arrival: of what is given as it comes a lump, but enough to begin with. */
  get #wantedTargetUs(): number {
    const mostUs = this.#config.targetMs * 1000
    if (this.#lumps?.lengthUs === undefined || !this.isFollowing) return mostUs
    const leastUs = (this.#head.fadeFrames + LiveBuffer.reach + 1) / this.#framesPerUs + leastSpareUs
    return Math.min(mostUs, Math.max(leastUs, this.#lumps.lengthUs))
  }

  /** Kept to fade out with, in case there is no more. */
  get #reserveFrames(): number {
    return this.#lumps !== undefined && this.isFollowing ? 0 : this.#head.fadeFrames
  }

  /** How much more than the target was buffered at `arrival`, in µs. */
  #errorUs(arrival: Arrival): number {
    const { position } = this.#head
    const consumed = position + (arrival.at - this.#dueAt) * this.#framesPerUs * this.#rate.ratio
    return (arrival.frames - consumed) / this.#framesPerUs - this.#targetUs
  }
}
