/**
 * The blocks that decoders make. A player copies each into its ring and forgets it, so that there is none most of the time;
 * and what V8 has compiled for a kind of object it discards when it collects garbage and finds none. The latest is kept, or
 * decoders would be compiled anew every few seconds.
 */
import AudioBuffer from 'audio-buffer'

export class BlockMaker {
  readonly channels: number
  readonly #sampleRate: number
  #latest: AudioBuffer

  constructor({ channels, sampleRate }: { readonly channels: number; readonly sampleRate: number }) {
    this.channels = channels
    this.#sampleRate = sampleRate
    this.#latest = this.make(1)
  }

  /** A silent block of `length` frames, at least one. */
  make(length: number): AudioBuffer {
    this.#latest = new AudioBuffer({ length, numberOfChannels: this.channels, sampleRate: this.#sampleRate })
    return this.#latest
  }
}
