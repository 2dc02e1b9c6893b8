/** Opens the output that a plain record describes: the record can be written in a file or sent to a thread. */
import type { AudioOutput } from '../../audio-output.js'
import type { LocalClock } from '../local-clock.js'
import { AlsaOutput } from './alsa/alsa-output.js'
import { SpeakerOutput } from './speaker-output.js'
import { type Listener, VirtualOutput } from './virtual-output.js'
import type { WavSample } from './wav-file.js'
import { WavOutput } from './wav-output.js'
import { WebAudioOutput } from './web-audio-output.js'

export type OutputSpec =
  | {
      readonly kind: 'virtual'
      /** How much faster than nominal the card plays by the machine's own clock. */
      readonly ppm: number
      readonly bufferMs: number
      readonly periodMs: number
      /** Standard deviation of the delay it reports, µs. */
      readonly delayNoiseUs: number
      readonly seed: number
    }
  /** Records what would be heard into the file at `path`, replacing it. */
  | { readonly kind: 'wav'; readonly path: string; readonly sample: WavSample }
  /** A sound card, by its ALSA name (`default`, `hw:CARD=DAC`, …). */
  | { readonly kind: 'alsa'; readonly device: string; readonly bufferMs: number; readonly periodMs: number }
  /** Plays to nobody, at the pace of the machine's clock. */
  | { readonly kind: 'null' }
  /** Through the package `node-web-audio-api`, which has to be installed besides. */
  | { readonly kind: 'web-audio' }
  /** Through the package `speaker`, which has to be installed besides. */
  | { readonly kind: 'speaker' }

/** The same for whatever leads to the same loudspeaker. */
export function outputName(spec: OutputSpec): string {
  return spec.kind === 'alsa' ? `alsa:${spec.device}` : spec.kind
}

/** What to ask the device for; it may settle for another rate, and says so. */
export interface OutputFormat {
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
}

/** An output that cannot be had, in one line that says what to do. */
export class OutputError extends Error {
  override readonly name = 'OutputError'
}

/** 60 ms: Node's timers were seen up to 57 ms late under heavy garbage collection. */
const idealCard = { ppm: 0, bufferMs: 60, periodMs: 10, delayNoiseUs: 0, seed: 0 }

/**
 * @param listener hears what is truly heard when; only outputs without real hardware know
 * @throws OutputError
 */
export async function openOutput(
  spec: OutputSpec,
  format: OutputFormat,
  clock: LocalClock,
  listener?: Listener,
): Promise<AudioOutput> {
  try {
    switch (spec.kind) {
      case 'virtual':
        return new VirtualOutput({ ...spec, ...format }, clock, listener)
      case 'alsa':
        return new AlsaOutput({ ...spec, ...format }, clock)
      case 'wav':
        return await WavOutput.create(spec.path, spec.sample, { ...idealCard, ...format }, clock, listener)
      case 'null':
        return new VirtualOutput({ ...idealCard, ...format }, clock, listener)
      case 'web-audio':
        return await WebAudioOutput.open({ ...format, module: 'node-web-audio-api' }, clock)
      case 'speaker':
        return await SpeakerOutput.open({ ...format, module: 'speaker' }, clock)
    }
  } catch (error) {
    throw new OutputError(`cannot open the ${spec.kind} output: ${error instanceof Error ? error.message : error}`)
  }
}
