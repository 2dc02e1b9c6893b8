/** Bends the rate of a programme of real samples. */
import AudioBuffer from 'audio-buffer'
import type { BlockBender } from './block.js'
import type { Bend } from './live-bend.js'
import { LiveBuffer } from './live-buffer.js'

/** Longest block that can come. */
const longestS = 1

export class AudioBender implements BlockBender<AudioBuffer> {
  readonly reach = LiveBuffer.reach + 1
  readonly #buffer: LiveBuffer

  constructor(sampleRate: number, channels: number) {
    this.#buffer = new LiveBuffer(channels, Math.ceil(longestS * sampleRate) + 2 * this.reach)
  }

  bend(block: AudioBuffer, { position, startRatio, endRatio, frames }: Bend): AudioBuffer {
    const { sampleRate, numberOfChannels } = block
    const channelsOf = (buffer: AudioBuffer): Float32Array[] =>
      Array.from({ length: numberOfChannels }, (_, channel) => buffer.getChannelData(channel))
    this.#buffer.append(channelsOf(block))
    const bent = new AudioBuffer({ length: frames, sampleRate, numberOfChannels })
    this.#buffer.read({ position, startRatio, endRatio, offset: 0, frames, startGain: 1, endGain: 1 }, channelsOf(bent))
    return bent
  }
}
