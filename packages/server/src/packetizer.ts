/** Makes a codec's encoder fit for a programme: any block length, the programme's rate and channels, packets as bytes. */
import type { Encoder } from '@tutti/codec'
import AudioBuffer from 'audio-buffer'
import type { BlockEncoder, EncodedPacket } from './block-encoder.js'
import { mapChannels } from './channel-map.js'
import { SampleRateConverter } from './sample-rate-converter.js'

export class Packetizer implements BlockEncoder<AudioBuffer, Uint8Array> {
  readonly #encoder: Encoder
  readonly #onFailure: (error: Error) => void
  readonly #converter: SampleRateConverter | undefined
  /** One packet's worth, filled block by block and used again: encoders keep nothing of it. */
  readonly #packet: AudioBuffer
  #filled = 0
  #hasFailed = false

  /** `onFailure` is told once, when the encoder breaks; from then on there are no packets. */
  constructor(encoder: Encoder, programmeRate: number, onFailure: (error: Error) => void) {
    const { sampleRate, channels } = encoder.format
    this.#encoder = encoder
    this.#onFailure = onFailure
    if (sampleRate !== programmeRate) this.#converter = new SampleRateConverter(programmeRate, sampleRate, channels)
    this.#packet = new AudioBuffer({ length: encoder.packetFrames, sampleRate, numberOfChannels: channels })
  }

  get codecHeader(): string | undefined {
    return this.#encoder.codecHeader
  }

  get lookaheadFrames(): number {
    return this.#encoder.lookaheadFrames
  }

  get holdFrames(): number {
    return this.#encoder.holdFrames
  }

  encode(block: AudioBuffer): readonly EncodedPacket<Uint8Array>[] {
    if (this.#hasFailed) return []
    const mapped = mapChannels(block, this.#encoder.format.channels)
    const audio = this.#converter === undefined ? mapped : this.#converter.convert(mapped)
    const packets: EncodedPacket<Uint8Array>[] = []
    for (let taken = 0; audio !== undefined && taken < audio.length && !this.#hasFailed; ) {
      taken += this.#fill(audio, taken)
      if (this.#filled < this.#packet.length) break
      this.#filled = 0
      for (const { bytes, frames } of this.#encodePacket())
        packets.push({ payload: bytes, bytes: bytes.length, frames })
    }
    return packets
  }

  reset(): void {
    this.#filled = 0
    this.#converter?.reset()
    this.#encoder.reset()
  }

  close(): void {
    this.#encoder.close()
  }

  #fill(audio: AudioBuffer, from: number): number {
    const frames = Math.min(audio.length - from, this.#packet.length - this.#filled)
    for (let channel = 0; channel < audio.numberOfChannels; channel++) {
      const samples = audio.getChannelData(channel).subarray(from, from + frames)
      this.#packet.getChannelData(channel).set(samples, this.#filled)
    }
    this.#filled += frames
    return frames
  }

  #encodePacket(): ReturnType<Encoder['encode']> {
    try {
      return this.#encoder.encode(this.#packet)
    } catch (error) {
      this.#hasFailed = true
      this.#onFailure(error instanceof Error ? error : new Error(String(error)))
      return []
    }
  }
}
