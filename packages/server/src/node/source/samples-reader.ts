/** Uncompressed frames, as files and pipes hold them, to samples. */
import { createPcmDecoder } from '@tutti/codec'
import { readFloats } from './interleaved-floats.js'

export interface FrameLayout {
  readonly encoding: 'integer' | 'float' | 'other'
  readonly channels: number
  /** Hertz. */
  readonly sampleRate: number
  readonly bitDepth: number
  /** Bytes of one frame. */
  readonly frameBytes: number
}

/** Turns whole frames into samples. */
export type SamplesReader = (frames: Uint8Array) => readonly Float32Array[]

/** Undefined for what is neither packed integers of 16, 24 or 32 bits nor 32-bit floats. */
export function samplesReader(layout: FrameLayout): SamplesReader | undefined {
  const { encoding, channels, sampleRate, bitDepth, frameBytes } = layout
  if (frameBytes !== (channels * bitDepth) / 8) return undefined
  if (encoding === 'integer' && [16, 24, 32].includes(bitDepth)) {
    const pcm = createPcmDecoder({ codec: 'pcm', sampleRate, channels, bitDepth })
    return (frames) => {
      const block = pcm.decode(frames)!
      return Array.from({ length: channels }, (_, channel) => block.getChannelData(channel))
    }
  }
  if (encoding === 'float' && bitDepth === 32) return (frames) => readFloats(frames, channels)
  return undefined
}
