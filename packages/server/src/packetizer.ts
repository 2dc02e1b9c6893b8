/** Makes a codec's encoder fit for a programme: any block length, the programme's rate and channels, packets as bytes. */
import type { Encoder } from '@tutti/codec'
import AudioBuffer from 'audio-buffer'
import { sliceBlock } from './audio-blocks.js'
import type { BlockEncoder, EncodedPacket } from './block-encoder.js'
import { mapChannels } from './channel-map.js'
import { SampleRateConverter } from './sample-rate-converter.js'

export class Packetizer implements BlockEncoder<AudioBuffer, Uint8Array> {
  readonly #encoder: Encoder
  readonly #onFailure: (error: Error) => void
  readonly #converter: SampleRateConverter | undefined
  /** One packet's worth, filled block by block and used again: encoders keep nothing of it. */
  readonly #packet: AudioBuffer
  /** Whether any number of frames can be a packet: then none waits for those of the next block. */
  readonly #isWholeAtOnce: boolean
  #filled = 0
  #hasFailed = false

  /** `onFailure` is told once, when the encoder breaks; from then on there are no packets. */
  constructor(encoder: Encoder, programmeRate: number, onFailure: (error: Error) => void) {
    const { sampleRate, channels } = encoder.format
    this.#encoder = encoder
    this.#isWholeAtOnce = encoder.format.codec === 'pcm' && sampleRate === programmeRate
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
    return this.#isWholeAtOnce ? 0 : this.#encoder.holdFrames
  }

  encode(block: AudioBuffer): readonly EncodedPacket<Uint8Array>[] {
    if (this.#hasFailed) return []
    const mapped = mapChannels(block, this.#encoder.format.channels)
    const audio = this.#converter === undefined ? mapped : this.#converter.convert(mapped)
    if (this.#isWholeAtOnce) return this.#encodeWhole(mapped)
    const packets: EncodedPacket<Uint8Array>[] = []
    for (let taken = 0; audio !== undefined && taken < audio.length && !this.#hasFailed; ) {
      taken += this.#fill(audio, taken)
      if (this.#filled < this.#packet.length) break
      this.#filled = 0
      packets.push(...this.#encodePacket(this.#packet))
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

  /** In packets of equal length, as few as hold it. */
  #encodeWhole(block: AudioBuffer): readonly EncodedPacket<Uint8Array>[] {
    const count = Math.ceil(block.length / this.#packet.length)
    if (count === 1) return this.#encodePacket(block)
    const packets: EncodedPacket<Uint8Array>[] = []
    for (let n = 0; n < count && !this.#hasFailed; n++) {
      const [from, to] = [Math.round((n * block.length) / count), Math.round(((n + 1) * block.length) / count)]
      packets.push(...this.#encodePacket(sliceBlock(block, from, to)))
    }
    return packets
  }

  #encodePacket(packet: AudioBuffer): readonly EncodedPacket<Uint8Array>[] {
    try {
      const packets = this.#encoder.encode(packet)
      return packets.map(({ bytes, frames }) => ({ payload: bytes, bytes: bytes.length, frames }))
    } catch (error) {
      this.#hasFailed = true
      this.#onFailure(error instanceof Error ? error : new Error(String(error)))
      return []
    }
  }
}
