/** Turns a plan into samples: media at the planned positions, the room's channel of it, at the room's volume. */
import type { Period } from './audio-output.js'
import { ChannelMix } from './channel-mix.js'
import type { PlayoutControl } from './control.js'
import { GainRamp } from './gain-ramp.js'
import type { MediaRing } from './media-ring.js'
import type { Plan, PlanRenderer } from './plan.js'
import { Resampler } from './resampler.js'

/** What a renderer needs to know of its device; an `AudioOutput` will do. */
export interface RenderedDevice {
  readonly sampleRate: number
  readonly channels: number
  readonly maxPeriodFrames: number
}

export class Renderer implements PlanRenderer {
  readonly #media: MediaRing
  readonly #resampler: Resampler
  readonly #mix: ChannelMix
  readonly #gain: GainRamp
  /** Where the right channel goes on a device without one. */
  readonly #spare: Float32Array

  /** @param highestMediaRate of what will be played, Hz; any unless given */
  constructor(media: MediaRing, device: RenderedDevice, highestMediaRate?: number) {
    this.#media = media
    this.#resampler = new Resampler(device.sampleRate, highestMediaRate)
    this.#mix = new ChannelMix(device.sampleRate, device.channels)
    this.#gain = new GainRamp(device.sampleRate)
    this.#spare = new Float32Array(device.maxPeriodFrames)
  }

  /** Fills the first two channels; a device's further ones stay silent. It never allocates, waits or throws. */
  render(plan: Plan, period: Period, channels: readonly Float32Array[], control: PlayoutControl): void {
    const left = channels[0]!
    const right = channels[1] ?? this.#spare
    for (let c = 0; c < channels.length; c++) channels[c]!.fill(0)
    this.#spare.fill(0)
    for (let i = 0; i < plan.count; i++) this.#resampler.resample(this.#media, plan.segments[i]!, left, right)
    // Also through silence, so that a change made meanwhile is over when sound returns.
    this.#mix.apply(left, right, period.frames, control.channelMode)
    this.#gain.apply(channels, period.frames, control.gain)
  }
}
