/** What goes into a player and what comes out: the whole of its contact with the world. */
import type { Random, RememberedDrift } from '@tutti/clock'
import type {
  AudioChunk,
  AudioFormat,
  ChannelMessage,
  ClientMessage,
  GoodbyeReason,
  ServerMessage,
  TelemetryMessage,
} from '@tutti/protocol'
import type { PlayoutControl } from './control.js'
import type { ChunkDecoder } from './decode-pump.js'
import type { AudioParts } from './session-audio.js'
import type { SyncedClock } from './session-clock.js'
import type { Link } from './session-links.js'
import type { PlayerSettings, SoundSettings } from './session-settings.js'
import type { PlayerEvent } from './session-status.js'
import type { Telemetry } from './telemetry.js'

/** What servers say to a player, and a player to them, in the specification's words and in our own. */
export type HeardMessage = ServerMessage | ChannelMessage
export type SaidMessage = ClientMessage | TelemetryMessage

export type PlayerInput<Payload, Block extends { readonly length: number }> =
  | { readonly type: 'opened'; readonly link: Link }
  | { readonly type: 'message'; readonly link: Link; readonly message: HeardMessage }
  | { readonly type: 'audio'; readonly link: Link; readonly chunk: AudioChunk<Payload> }
  /** `client/time` left with the input's own time, in whole microseconds, as `client_transmitted`. */
  | { readonly type: 'probeSent' }
  /** Also when a dialled connection never opened. */
  | { readonly type: 'disconnected'; readonly link: Link | undefined; readonly reason: string }
  /** The answer to `openDecoder`; without a decoder, why there is none. */
  | { readonly type: 'decoder'; readonly stream: number; readonly decoder: ChunkDecoder<Payload, Block> | string }
  | { readonly type: 'telemetry'; readonly telemetry: Telemetry }
  /** The machine may have slept, and its clock may have stood still meanwhile. */
  | { readonly type: 'woke' }
  | { readonly type: 'set'; readonly settings: Partial<SoundSettings> }
  | { readonly type: 'stop'; readonly reason: GoodbyeReason }

export type PlayerOutput =
  /** Connect to a server, beside what stands and what is being tried; answered by `opened` or `disconnected`. */
  | { readonly type: 'dial' }
  /** Give up every connection that has not opened. */
  | { readonly type: 'stopDialling' }
  | { readonly type: 'send'; readonly link: Link; readonly message: SaidMessage }
  /** Read the clock as late as possible, send that as `client/time`, and confirm with `probeSent` at that time. */
  | { readonly type: 'probe'; readonly link: Link }
  | { readonly type: 'hangUp'; readonly link: Link; readonly reason: string }
  | { readonly type: 'control'; readonly control: PlayoutControl }
  | {
      readonly type: 'openDecoder'
      readonly stream: number
      readonly format: AudioFormat
      readonly codecHeader: string | undefined
    }
  /** To be kept where it survives the process. */
  | { readonly type: 'save'; readonly settings: PlayerSettings }
  | { readonly type: 'event'; readonly event: PlayerEvent }

export interface PlayerParts<Payload, Block extends { readonly length: number }> extends AudioParts<Payload, Block> {
  /** dial: connects by itself. listen: waits for servers to connect. */
  readonly connect: 'dial' | 'listen'
  readonly settings: PlayerSettings
  /** Name of the sound card, for people. */
  readonly output?: string | undefined
  readonly random: Random
  /** A `ClockSync` that starts from what is remembered of a server's drift. */
  readonly synchronise: (remembered: RememberedDrift | undefined) => SyncedClock
}
