/**
 * Between Float32 audio in [-1, 1) and signed integers of 16, 24 or 32 bits.
 *
 * Both ways scale by 2^(bits-1), so integers of up to 24 bits, which a Float32 holds exactly, survive the round trip
 * bit for bit. The other common scale, 2^(bits-1) - 1, does not have that property between different depths.
 */
import type AudioBuffer from 'audio-buffer'
import type { BlockMaker } from './audio-block.js'

/** In [0, 1); see `Random` of @tutti/clock. */
export type Uniform = () => number

/** Depth above which the rounding of Float32 itself is coarser than a step, so that dither has nothing to do. */
const maxDitheredBits = 16

/**
 * Rounds to `bitDepth` bits, interleaved, clipping at full scale.
 *
 * With `uniform`, audio that does not already lie on the integer grid gets triangular dither of two steps peak to peak,
 * which makes the rounding error noise instead of distortion (Lipshitz, Wannamaker, Vanderkooy, "Quantization and
 * Dither", JAES 40(5), 1992). Audio on the grid (16-bit material, digital silence) passes untouched.
 *
 * `computedBits` is how many of the bits audio gets that does not lie on the grid, because it was resampled, mixed or
 * decoded from a lossy format: the others would only say how somebody rounded. All of them unless given.
 */
export function quantize(
  block: AudioBuffer,
  bitDepth: number,
  uniform?: Uniform,
  computedBits = bitDepth,
): Int32Array<ArrayBuffer> {
  const scale = 2 ** (bitDepth - 1)
  const channels = block.numberOfChannels
  const integers = new Int32Array(block.length * channels)
  const mayDither = uniform !== undefined && bitDepth <= maxDitheredBits
  const isComputed = (mayDither || computedBits < bitDepth) && !liesOnGrid(block, scale)
  const dithers = mayDither && isComputed
  const step = isComputed ? 2 ** (bitDepth - Math.min(bitDepth, computedBits)) : 1
  for (let channel = 0; channel < channels; channel++) {
    const samples = block.getChannelData(channel)
    for (let frame = 0, at = channel; frame < samples.length; frame++, at += channels) {
      const steps = (samples[frame]! * scale) / step + (dithers ? uniform() - uniform() : 0)
      integers[at] = Math.max(-scale, Math.min(scale - step, Math.round(steps) * step))
    }
  }
  return integers
}

/** The inverse of `quantize`. */
export function dequantize(interleaved: Int32Array, bitDepth: number, blocks: BlockMaker): AudioBuffer {
  const step = 2 ** (1 - bitDepth)
  const { channels } = blocks
  const block = blocks.make(interleaved.length / channels)
  for (let channel = 0; channel < channels; channel++) {
    const samples = block.getChannelData(channel)
    for (let frame = 0, at = channel; frame < samples.length; frame++, at += channels) {
      samples[frame] = interleaved[at]! * step
    }
  }
  return block
}

function liesOnGrid(block: AudioBuffer, scale: number): boolean {
  for (let channel = 0; channel < block.numberOfChannels; channel++) {
    for (const sample of block.getChannelData(channel)) {
      if (!Number.isInteger(sample * scale)) return false
    }
  }
  return true
}
