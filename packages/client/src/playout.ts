/**
 * Decides which media a device period plays. Positions only: a renderer executes the plan, and a simulation can skip
 * samples altogether.
 *
 * The playhead follows its schedule by bending the rate. It is placed afresh only when it starts, when it has
 * starved, and when it is so far off that bending would take longer than a listener forgives; each time between fades.
 */
import { type ClockModel, type LocalUs, toServer } from '@tutti/clock'
import type { Anchor, PlayoutControl } from './control.js'
import type { DeviceClock } from './device-clock.js'
import type { MediaWindow } from './media-store.js'
import type { Plan, Segment } from './plan.js'
import { RateSteering } from './rate-steering.js'
import type { PlayoutState } from './telemetry.js'

export interface PlayoutConfig {
  /** Fade at every start, stop and jump. 5 ms: no click, and shorter than the ear resolves as a fade. */
  readonly fadeMs: number
  /** Error beyond which the playhead jumps instead of bending. 5 ms: the click-fusion limit of the precedence effect. */
  readonly jumpUs: number
  /**
   * Audio that must be ahead of the playhead before it resumes after starving, so that it does not stutter; less and less until
   * `patienceMs` have passed, because who is near a live source may never have so much.
   */
  readonly resumeMs: number
  /** The device's line must be known this well before the first sound, µs, unless `patienceMs` has passed. */
  readonly startSigmaUs: number
  readonly patienceMs: number
}

export const playoutDefaults: PlayoutConfig = {
  fadeMs: 5,
  jumpUs: 5_000,
  resumeMs: 5,
  startSigmaUs: 60,
  patienceMs: 400,
}

/** Frames of media beyond the playhead a resampler's filter reaches. */
const filterReachFrames = 32
/** At most: the end of a fade-out, and a start, in one period; two of each when a start is given up at once. */
const maxSegments = 4

type Phase = 'silent' | 'playing' | 'leaving'

export class Playout {
  readonly #config: PlayoutConfig
  readonly #device: DeviceClock
  readonly #media: MediaWindow
  readonly #rate = new RateSteering()
  readonly #fadeFrames: number
  /** Of the next fade-out: what has run out fades within the period that is at hand, however short. */
  #leaveFrames: number
  readonly #deviceRate: number
  readonly #plan = { count: 0, segments: Array.from({ length: maxSegments }, emptySegment) }
  #phase: Phase = 'silent'
  #state: PlayoutState = 'idle'
  /** Media frame the next device frame plays; meaningful unless silent. */
  #playhead = 0
  #gain = 0
  /** Media frames per device frame at the playhead, and where the running period takes it. */
  #ratio = 1
  #nextRatio = 1
  /** Device frames left to play before the fade-out begins; Infinity while there is audio enough. */
  #playable = Number.POSITIVE_INFINITY
  #epoch: number | undefined
  #startedInEpoch = false
  #starving = false
  #lateUs = 0
  #ppm = 0
  #silentFrames = 0
  #starvations = 0
  #jumps = 0

  constructor(device: DeviceClock, media: MediaWindow, deviceRate: number, config: PlayoutConfig = playoutDefaults) {
    this.#config = config
    this.#device = device
    this.#media = media
    this.#deviceRate = deviceRate
    this.#fadeFrames = Math.ceil((config.fadeMs * deviceRate) / 1000)
    this.#leaveFrames = this.#fadeFrames
  }

  /** Plans `frames` device frames, the period the device clock observed last. The result is reused by the next call. */
  plan(frames: number, control: PlayoutControl): Plan {
    const plan = this.#plan
    plan.count = 0
    const { clock, anchor } = control
    const schedule = clock && anchor && this.#deviceReady() ? { clock, anchor } : undefined
    if (this.#phase === 'silent') this.#silentFrames += frames
    if (this.#phase === 'playing') this.#follow(frames, control, schedule?.clock, schedule?.anchor)
    let offset = 0
    while (offset < frames && plan.count < maxSegments) {
      if (this.#phase === 'silent') {
        const start = schedule && this.#start(offset, frames, control, schedule.clock, schedule.anchor)
        if (!schedule) this.#state = 'idle'
        if (start === undefined) break
        offset = start
      }
      offset += this.#play(offset, frames - offset)
    }
    return plan
  }

  /**
   * Whether a period of `frames` would have to fade out what is playing, for want of media, or has done so just now: the later
   * it is planned, the less far ahead it asks for media.
   */
  lacks(frames: number): boolean {
    if (this.#phase === 'playing') return this.#playableFrames() < frames
    return this.#state === 'starved' && this.#silentMs < this.#config.patienceMs
  }

  /** Says that the device has stopped by itself and begun again: what it was playing is gone. */
  deviceRestarted(): void {
    if (this.#phase === 'silent') return
    this.#jumps++
    this.#silence()
  }

  get state(): PlayoutState {
    return this.#state
  }

  /** How far playback lags its schedule, µs; 0 when silent. */
  get lateUs(): number {
    return this.#phase === 'silent' ? 0 : this.#lateUs
  }

  /** How much faster than the device's nominal rate media is consumed, ppm. */
  get ppm(): number {
    return this.#ppm
  }

  /** Media frame the next period starts at, or the last one played when silent. */
  get playhead(): number {
    return this.#playhead
  }

  get starvations(): number {
    return this.#starvations
  }

  get jumps(): number {
    return this.#jumps
  }

  /** Asked for before every start, because the device may have restarted meanwhile. */
  #deviceReady(): boolean {
    const { startSigmaUs, patienceMs } = this.#config
    if (this.#phase !== 'silent' || this.#device.sigmaUs <= startSigmaUs) return true
    return this.#silentMs > patienceMs
  }

  get #silentMs(): number {
    return (this.#silentFrames * 1000) / this.#deviceRate
  }

  /** Steers a playing playhead, or decides that it has to leave. */
  #follow(frames: number, control: PlayoutControl, clock: ClockModel | undefined, anchor: Anchor | undefined): void {
    if (!clock || !anchor || anchor.epoch !== this.#epoch) {
      this.#phase = 'leaving'
      return
    }
    const due = dueFrame(this.#device.steadyAt(0), control.outputDelayUs, clock, anchor)
    this.#lateUs = ((due - this.#playhead) * 1e6) / anchor.sampleRate
    const { jumpUs } = this.#config
    if (Math.abs(this.#lateUs) > jumpUs) {
      this.#jumps++
      this.#phase = 'leaving'
      return
    }
    const nominal = anchor.sampleRate / this.#deviceRate
    const knownPpm = (this.#knownRatio(clock, anchor) / nominal - 1) * 1e6
    const doubtUs = Math.hypot(this.#device.sigmaUs, control.clockSigmaUs ?? Number.POSITIVE_INFINITY)
    this.#ppm = this.#rate.update(knownPpm, this.#lateUs, doubtUs, frames / this.#deviceRate)
    this.#nextRatio = nominal * (1 + this.#ppm * 1e-6)
    const playable = this.#playableFrames()
    this.#starving = playable < frames
    this.#leaveFrames = this.#starving ? Math.min(this.#fadeFrames, frames) : this.#fadeFrames
    // The end of the fade may lie beyond the media: a media store mirrors what it has there.
    const leaveAt = Math.max(0, Math.min(playable, frames - this.#leaveFrames))
    this.#playable = this.#starving ? leaveAt : Number.POSITIVE_INFINITY
  }

  get #resumeMs(): number {
    const { resumeMs, patienceMs } = this.#config
    return resumeMs * Math.max(0, 1 - this.#silentMs / patienceMs)
  }

  /** Media frames per device frame if the clock estimates are right. */
  #knownRatio(clock: ClockModel, anchor: Anchor): number {
    return this.#device.steadyUsPerFrame * (1 + clock.driftPpm * 1e-6) * anchor.sampleRate * 1e-6
  }

  /** Device frames that can be rendered if no more media comes. */
  #playableFrames(): number {
    return Math.floor((this.#media.endFrame - filterReachFrames - this.#playhead) / this.#nextRatio)
  }

  /** Places the playhead at the first device frame from `offset` on that has audio due; undefined if none has. */
  #start(
    offset: number,
    frames: number,
    control: PlayoutControl,
    clock: ClockModel,
    anchor: Anchor,
  ): number | undefined {
    if (anchor.epoch !== this.#epoch) {
      this.#epoch = anchor.epoch
      this.#startedInEpoch = false
      this.#state = 'waiting'
    }
    const due = dueFrame(this.#device.steadyAt(offset), control.outputDelayUs, clock, anchor)
    const ratio = this.#knownRatio(clock, anchor)
    const first = Math.max(anchor.frame, this.#media.firstFrame)
    const wait = Math.max(0, Math.ceil((first - due) / ratio))
    if (offset + wait >= frames) {
      if (this.#state !== 'starved') this.#state = 'waiting'
      return undefined
    }
    const playhead = due + wait * ratio
    // A start that was announced in time needs no reserve: the rest is on its way.
    const neededMs = this.#startedInEpoch && this.#starving ? this.#resumeMs : 0
    const neededFrames = (neededMs * anchor.sampleRate) / 1000 + frames * ratio
    if (this.#media.endFrame - filterReachFrames - playhead < neededFrames) {
      this.#state = this.#startedInEpoch ? 'starved' : 'waiting'
      return undefined
    }
    if (this.#starving && this.#startedInEpoch) this.#starvations++
    this.#starving = false
    this.#playable = Number.POSITIVE_INFINITY
    this.#leaveFrames = this.#fadeFrames
    this.#playhead = playhead
    this.#ratio = ratio
    this.#nextRatio = ratio
    this.#ppm = ((ratio * this.#deviceRate) / anchor.sampleRate - 1) * 1e6
    this.#rate.start(this.#ppm)
    this.#lateUs = 0
    this.#gain = 0
    this.#phase = 'playing'
    this.#state = 'playing'
    this.#startedInEpoch = true
    return offset + wait
  }

  /** Plans one run of at most `room` frames, over which the gain is flat or one ramp; returns its length. */
  #play(offset: number, room: number): number {
    if (this.#playable === 0) this.#phase = 'leaving'
    const target = this.#phase === 'leaving' ? 0 : 1
    const fullFade = this.#phase === 'leaving' ? this.#leaveFrames : this.#fadeFrames
    const fading = Math.round(Math.abs(target - this.#gain) * fullFade)
    const frames = Math.min(room, fading > 0 ? fading : room, this.#phase === 'leaving' ? room : this.#playable)
    if (frames > 0)
      this.#emit(offset, frames, frames < fading ? this.#gain + (target - this.#gain) * (frames / fading) : target)
    if (this.#phase === 'playing') this.#playable -= frames
    else if (this.#gain === 0) this.#silence()
    return frames
  }

  #emit(offset: number, frames: number, endGain: number): void {
    const segment = this.#plan.segments[this.#plan.count++]!
    segment.offset = offset
    segment.frames = frames
    segment.startFrame = this.#playhead
    segment.startRatio = this.#ratio
    segment.endRatio = this.#nextRatio
    segment.startGain = this.#gain
    segment.endGain = endGain
    this.#playhead += (frames * (this.#ratio + this.#nextRatio)) / 2
    this.#ratio = this.#nextRatio
    this.#gain = endGain
  }

  #silence(): void {
    this.#phase = 'silent'
    this.#gain = 0
    this.#silentFrames = 0
    this.#state = this.#starving ? 'starved' : 'idle'
  }
}

/** The media frame that should be heard when the device is at local time `heardAt`. */
function dueFrame(heardAt: LocalUs, outputDelayUs: number, clock: ClockModel, anchor: Anchor): number {
  const serverUs = toServer(clock, heardAt) + outputDelayUs
  return anchor.frame + (serverUs - anchor.serverAt) * anchor.sampleRate * 1e-6
}

const emptySegment = (): Segment => ({
  offset: 0,
  frames: 0,
  startFrame: 0,
  startRatio: 1,
  endRatio: 1,
  startGain: 0,
  endGain: 0,
})
