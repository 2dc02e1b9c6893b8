/**
 * The audio thread's whole work, once a period: believe the device, decide where to play, fill the period, say how it
 * went. It never allocates, waits or throws.
 */
import { type ServerUs, shift, toServer } from '@tutti/clock'
import type { Period } from './audio-output.js'
import type { PlayoutControl } from './control.js'
import { DeviceClock } from './device-clock.js'
import type { MediaWindow } from './media-store.js'
import type { PlanRenderer } from './plan.js'
import { Playout, type PlayoutConfig } from './playout.js'
import { idleTelemetry, type Telemetry } from './telemetry.js'

export interface SpeakerParts {
  /** The device's nominal rate, Hz. */
  readonly sampleRate: number
  readonly media: MediaWindow
  readonly renderer: PlanRenderer
  /** Returns the same object while nothing has changed. */
  readonly readControl: () => PlayoutControl
  /** The record is reused: copy what is to be kept. */
  readonly writeTelemetry: (telemetry: Telemetry) => void
  readonly playout?: PlayoutConfig
}

export class Speaker {
  readonly #parts: SpeakerParts
  readonly #device: DeviceClock
  readonly #playout: Playout
  readonly #telemetry: Mutable<Telemetry> = { ...idleTelemetry }
  #underruns = 0
  #started = false

  constructor(parts: SpeakerParts) {
    this.#parts = parts
    this.#device = new DeviceClock(parts.sampleRate)
    this.#playout = new Playout(this.#device, parts.media, parts.sampleRate, parts.playout)
  }

  /** Fills one period; the signature is the one an `AudioOutput` pulls with. */
  render(period: Period, channels: readonly Float32Array[]): void {
    const control = this.#parts.readControl()
    if (period.restarted && this.#started) {
      this.#underruns++
      this.#playout.deviceRestarted()
    }
    this.#started = true
    this.#device.observe(period)
    const plan = this.#playout.plan(period.frames, control)
    this.#parts.renderer.render(plan, period, channels, control)
    this.#report(control, period.slackUs ?? 0)
  }

  /** Whether a period of `frames` had better be asked for a little later, if it can. */
  lacks(frames: number): boolean {
    return this.#playout.lacks(frames)
  }

  #report(control: PlayoutControl, slackUs: number): void {
    const { media, writeTelemetry } = this.#parts
    const playout = this.#playout
    const telemetry = this.#telemetry
    const { clock, anchor } = control
    const heardAt = shift(this.#device.heardAt(0), control.outputDelayUs)
    telemetry.state = playout.state
    telemetry.lateUs = playout.lateUs
    telemetry.ppm = playout.ppm
    telemetry.devicePpm = this.#device.devicePpm
    // Before its first sound a playhead is at 0, wherever the media has got to.
    const bufferedFrames = media.endFrame - Math.max(playout.playhead, media.firstFrame)
    telemetry.bufferedUs = anchor ? (Math.max(0, bufferedFrames) * 1e6) / anchor.sampleRate : 0
    telemetry.starvations = playout.starvations
    telemetry.underruns = this.#underruns
    telemetry.jumps = playout.jumps
    telemetry.heardAt = heardAt
    telemetry.heardServerAt =
      playout.state === 'playing' && clock
        ? ((toServer(clock, shift(this.#device.steadyAt(0), control.outputDelayUs)) - playout.lateUs) as ServerUs)
        : (Number.NaN as ServerUs)
    telemetry.playheadFrame = playout.playhead
    telemetry.slackUs = slackUs
    telemetry.slew = this.#device.slew
    writeTelemetry(telemetry)
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
