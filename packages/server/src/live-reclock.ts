/**
 * Puts a live source, which has its own crystal, onto the server's timeline: a delay-locked loop on arrival (as in Fons
 * Adriaensen, "Controlling adaptive resampling", 2012).
 *
 * Frames arrive in lumps and late, never early: of the arrivals of a second the least delayed says how much audio the
 * source has really made by then. The timeline takes its frames at instants known beforehand, so what is buffered is
 * the difference of two lines, and a proportional-integral loop bends the rate until it is at its target.
 *
 * It never gives fewer frames than asked for. Where the source has nothing, it gives silence between fades; where too
 * much has piled up (a stall and then all of it at once), it drops back to the target in a cross-fade.
 *
 * What is taken as it comes is taken as soon as it is there (`readyFrames`), and nothing of it is held back: the target is one lump,
 * so that the timeline takes the first frame of a lump just when it comes, and no more is kept for a fade; whoever takes it
 * sees to it that what breaks off dies away.
 */
import type { ServerUs } from '@tutti/clock'
import { RateController } from '@tutti/dsp'
import AudioBuffer from 'audio-buffer'
import { LiveBuffer } from './live-buffer.js'
import { LiveLumps } from './live-lumps.js'

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

/** An arrival: how many frames had come by when. */
interface Arrival {
  readonly frames: number
  readonly at: ServerUs
}

/**
 * 0.05 halves an error in 24 s: a crystal 80 ppm off is never more than 1.2 ms from the target, and 4 ms of jitter that
 * got through the window bends the pitch by 0.3 cent. 1000 ppm is 1.7 cent; crystals are within 200.
 */
const loop = { proportionalPpmPerUs: 0.05, maxPpm: 1000 }
const windowUs = 1_000_000
/**
 * Time constant with which the rate follows what is wanted, s. Arrivals scatter by tens of µs, so that what is wanted steps by
 * some ppm every second; a tone stays as pure as it came while the rate slopes by less than half a ppm a second.
 */
const smoothingS = 5
/** How fast the rate may bend. */
const slewPpmPerS = 100
const fadeMs = 5
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
  readonly #rate = new RateController(loop)
  readonly #lumps: LiveLumps | undefined
  readonly #framesPerUs: number
  readonly #fadeFrames: number
  readonly #slackUs: number
  #state: ReclockStatus['state'] = 'filling'
  #targetUs: number
  /** Where the next frame is read, in frames of the source. */
  #position = 0
  /** When that frame is due. */
  #dueAt = 0 as ServerUs
  #ratio = 1
  #wantedRatio = 1
  #windowStart: ServerUs | undefined
  /** The least delayed arrival of this window, and of the last. */
  #best: Arrival | undefined
  #lastBest: Arrival | undefined
  /** The least delayed arrival before there was nothing, until there is something. */
  #missed: Arrival | undefined
  /** Of the first arrival since there was nothing. */
  #firstAt: ServerUs | undefined
  #isComplete = false
  #underruns = 0
  #drops = 0

  constructor(config: ReclockConfig) {
    const { sampleRate, channels, targetMs, isAsItComes, capacityMs } = config
    this.#config = config
    this.#buffer = new LiveBuffer(channels, Math.ceil((capacityMs * sampleRate) / 1000))
    this.#framesPerUs = sampleRate / 1e6
    this.#fadeFrames = Math.round((fadeMs * sampleRate) / 1000)
    this.#slackUs = Math.max(leastSlackUs, targetMs * 500)
    this.#lumps = isAsItComes ? new LiveLumps() : undefined
    this.#targetUs = targetMs * 1000
  }

  get status(): ReclockStatus {
    const arrival = this.#best ?? this.#lastBest
    const isKnown = this.#state === 'playing' && arrival !== undefined
    return {
      state: this.#state,
      bufferedMs: isKnown ? (this.#errorUs(arrival) + this.#targetUs) / 1000 : undefined,
      ppm: (this.#ratio - 1) * 1e6,
      underruns: this.#underruns,
      drops: this.#drops,
    }
  }

  /** Whether a pull of `frames` would find the source run dry. */
  lacks(frames: number): boolean {
    return this.#state === 'playing' && this.readyFrames < frames + this.#reserveFrames
  }

  /** Frames that could be pulled now, without what is kept for a fade; not before it plays. */
  get readyFrames(): number {
    return this.#state === 'playing' ? this.#readable(this.#position) : 0
  }

  /** Whether what has come by `at` is enough to see how it comes. */
  hasSettled(at: ServerUs): boolean {
    return this.#firstAt !== undefined && at >= this.#firstAt + settleUs
  }

  /** Whether it is to be taken as soon as it is there. */
  get isAsItComes(): boolean {
    return this.#lumps !== undefined && this.isFollowing && this.#state === 'playing'
  }

  /** Audio that has come and has not been played, in ms. */
  get heldMs(): number {
    const oldest = Math.max(this.#position, this.#buffer.firstFrame)
    return ((this.#buffer.endFrame - oldest) * 1000) / this.#config.sampleRate
  }

  /** Whether all has been played that can be, of a source that gives no more. */
  get isDrained(): boolean {
    return this.#isComplete && this.#state === 'filling' && !this.#hasRest
  }

  /** Nothing more will come: what is there needs no company to be played. */
  complete(): void {
    this.#isComplete = true
    if (this.isAsItComes && this.readyFrames < 2 * this.#fadeFrames) this.#runDry()
  }

  /** Gives up waiting for what should have come: it is looked at afresh when it does. */
  pause(): void {
    if (this.#state === 'playing') this.#runDry()
  }

  /** Takes what the source gave; `at` is when it came, read as soon as it did. */
  push(channels: readonly Float32Array[], at: ServerUs): void {
    const before = { frames: this.#buffer.endFrame, at }
    const leastDelayed = this.#leastDelayed ?? this.#missed
    this.#missed = undefined
    if (this.isFollowing && leastDelayed !== undefined)
      this.#lumps?.lagged(this.#leadOver(leastDelayed, before) / this.#framesPerUs)
    this.#buffer.append(channels)
    this.#firstAt ??= at
    const arrival = { frames: this.#buffer.endFrame, at }
    if (this.#best === undefined || this.#leadOver(arrival, this.#best) > 0) this.#best = arrival
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
    else this.#passWindow()
    return block
  }

  #play(frames: number, output: readonly Float32Array[]): void {
    this.#steer()
    const excess = this.#excessFrames(frames)
    if (excess > 0) this.#drops++
    this.#give(frames, output, excess > 0 ? this.#fadeFrames : 0, this.#position + excess)
  }

  /** What is to be left out, because it is too much to be played off. */
  #excessFrames(frames: number): number {
    if (!this.isFollowing || this.#best === undefined) return 0
    const excessUs = this.#errorUs(this.#best)
    if (excessUs <= this.#slackUs) return 0
    const excess = Math.floor(excessUs * this.#framesPerUs)
    const remains = this.#buffer.readable(this.#position + excess, this.#ratio)
    return remains < 2 * frames + this.#fadeFrames ? 0 : excess
  }

  #start(frames: number, output: readonly Float32Array[]): void {
    this.#state = 'playing'
    this.#windowStart = this.#dueAt
    this.#give(frames, output, this.#fadeFrames, this.#position)
  }

  /**
   * Plays from `position`, faded in over `fadeIn` frames while what was playing, if anything was, is faded out; or
   * plays what there is, fades out and is silent when the source has run dry.
   */
  #give(frames: number, output: readonly Float32Array[], fadeIn: number, position: number): void {
    const startRatio = this.#ratio
    const most = (slewPpmPerS * 1e-6 * frames) / this.#config.sampleRate
    const wantedRatio = this.isFollowing ? this.#wantedRatio : 1
    const step = (wantedRatio - startRatio) * Math.min(1, frames / (smoothingS * this.#config.sampleRate))
    const endRatio = startRatio + Math.max(-most, Math.min(most, step))
    const ratioAt = (frame: number): number => startRatio + ((endRatio - startRatio) * frame) / frames
    const positionAt = (frame: number): number => position + (frame * (startRatio + ratioAt(frame))) / 2
    const read = (from: number, to: number, startGain: number, endGain: number): void => {
      if (from >= to) return
      const ends = { position: positionAt(from), startRatio: ratioAt(from), endRatio: ratioAt(to) }
      this.#buffer.read({ ...ends, offset: from, frames: to - from, startGain, endGain }, output)
    }
    if (position !== this.#position) this.#fadeOut(fadeIn, output)
    const readable = this.#buffer.readable(position, Math.max(startRatio, endRatio))
    read(0, fadeIn, 0, 1)
    if (readable >= frames + this.#reserveFrames) {
      read(fadeIn, frames, 1, 1)
    } else {
      // What is left is enough to fade out with, because the last block was only played whole while it was.
      const end = Math.min(readable, frames)
      const fadeFrom = Math.max(fadeIn, end - this.#fadeFrames)
      read(fadeIn, fadeFrom, 1, 1)
      read(fadeFrom, end, 1, 0)
      this.#runDry()
    }
    this.#position = positionAt(frames)
    this.#dueAt = (this.#dueAt + frames / this.#framesPerUs) as ServerUs
    this.#ratio = endRatio
  }

  #fadeOut(frames: number, output: readonly Float32Array[]): void {
    const ratio = this.#ratio
    const ends = { position: this.#position, startRatio: ratio, endRatio: ratio }
    this.#buffer.read({ ...ends, offset: 0, frames, startGain: 1, endGain: 0 }, output)
  }

  #runDry(): void {
    this.#state = 'filling'
    this.#underruns++
    this.#firstAt = undefined
    this.#missed = this.#leastDelayed
    this.#best = undefined
    this.#lastBest = undefined
  }

  /**
   * Finds where to start: at the target, or with the oldest frame of a source that waits for us. With up to `frames`, as many
   * as the result says; undefined while it cannot.
   */
  #startFrames(frames: number): number | undefined {
    const { firstFrame, endFrame } = this.#buffer
    if (this.#isComplete && this.#hasRest) {
      this.#position = Math.max(this.#position, firstFrame)
      return frames
    }
    if (!this.hasSettled(this.#dueAt)) return undefined
    const oldest = Math.max(this.#position, firstFrame)
    if (!this.isFollowing) {
      this.#position = oldest
      return endFrame - oldest >= this.#targetUs * this.#framesPerUs ? frames : undefined
    }
    const arrival = this.#leastDelayed
    if (arrival === undefined) return undefined
    const position = arrival.frames + (this.#dueAt - arrival.at - this.#targetUs) * this.#framesPerUs
    if (position < firstFrame) return undefined
    const readable = this.#readable(position)
    const wanted = this.#lumps === undefined ? frames + this.#fadeFrames : this.#fadeFrames
    if (readable < wanted) return undefined
    this.#position = Math.floor(position)
    return Math.min(frames, readable)
  }

  /** Once in a window, bends the rate towards the target. */
  #steer(): void {
    const elapsedUs = this.#dueAt - (this.#windowStart ?? this.#dueAt)
    if (elapsedUs < windowUs || this.#best === undefined) return
    this.#wantedRatio = 1 + 1e-6 * this.#rate.update(this.#errorUs(this.#best), elapsedUs / 1e6)
    this.#passWindow()
  }

  #passWindow(): void {
    if (this.#windowStart !== undefined && this.#dueAt - this.#windowStart < windowUs) return
    this.#windowStart = this.#dueAt
    this.#lastBest = this.#best
    this.#best = undefined
  }

  /** As if the rate were to bend by the most it can in half a second, so that it is not one frame too many. */
  #readable(position: number): number {
    return this.#buffer.readable(position, this.#ratio + slewPpmPerS * 5e-7)
  }

  /** Enough to fade in and out with. */
  get #hasRest(): boolean {
    const oldest = Math.max(this.#position, this.#buffer.firstFrame)
    return this.#buffer.readable(oldest, 1) >= 2 * this.#fadeFrames
  }

  /** What is to be held after the least delayed arrival: of what is given as it comes a lump, but enough to begin with. */
  get #wantedTargetUs(): number {
    const mostUs = this.#config.targetMs * 1000
    if (this.#lumps?.lengthUs === undefined || !this.isFollowing) return mostUs
    const leastUs = (this.#fadeFrames + LiveBuffer.reach + 1) / this.#framesPerUs + leastSpareUs
    return Math.min(mostUs, Math.max(leastUs, this.#lumps.lengthUs))
  }

  /** Kept to fade out with, in case there is no more. */
  get #reserveFrames(): number {
    return this.#lumps !== undefined && this.isFollowing ? 0 : this.#fadeFrames
  }

  get #leastDelayed(): Arrival | undefined {
    if (this.#best === undefined || this.#lastBest === undefined) return this.#best ?? this.#lastBest
    return this.#leadOver(this.#best, this.#lastBest) > 0 ? this.#best : this.#lastBest
  }

  /** How many frames `arrival` is ahead of a line through `other` at the nominal rate. */
  #leadOver(arrival: Arrival, other: Arrival): number {
    return arrival.frames - other.frames - (arrival.at - other.at) * this.#framesPerUs
  }

  /** How much more than the target was buffered at `arrival`, in µs. */
  #errorUs(arrival: Arrival): number {
    const consumed = this.#position + (arrival.at - this.#dueAt) * this.#framesPerUs * this.#ratio
    return (arrival.frames - consumed) / this.#framesPerUs - this.#targetUs
  }
}
