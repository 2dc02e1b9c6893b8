/** What the session tells the audio thread: the two lines that place media on the local clock, and how it should sound. */
import type { ClockModel, ServerUs } from '@tutti/clock'
import type { ChannelMode } from '@tutti/protocol'

/** Ties media frames to the server's clock: frame `frame` is due at `serverAt`, those around it at `sampleRate`. */
export interface Anchor {
  /** Grows with every start, clear and cut; audio of an older epoch must not be heard any more. */
  readonly epoch: number
  /** First media frame of the epoch in the media store; nothing before it belongs to the epoch. */
  readonly frame: number
  readonly serverAt: ServerUs
  /** Media frames per server second. */
  readonly sampleRate: number
}

export { type ChannelMode, channelModes } from '@tutti/protocol'

export interface PlayoutControl {
  /** Undefined until the clocks are in step well enough to start. */
  readonly clock: ClockModel | undefined
  /** Standard deviation of what `clock` says, µs; undefined if nobody knows. */
  readonly clockSigmaUs?: number
  /** Undefined when there is nothing to play. */
  readonly anchor: Anchor | undefined
  /** Amplitude factor, 0 to 1, already mapped from perceptual volume; 0 when muted. Reached by a ramp. */
  readonly gain: number
  /** Delay of what follows the device (amplifier, Bluetooth), in µs: media plays this much earlier. */
  readonly outputDelayUs: number
  readonly channelMode: ChannelMode
  /** How much the device should hold, where it can choose, in ms; undefined for as much as it can. */
  readonly queueMs?: number
}
