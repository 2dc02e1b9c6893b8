/** Signals to encode, and how far apart two of them are. */
import AudioBuffer from 'audio-buffer'
import { quantize } from '../src/quantizer.js'

/** Music-like: a chord with vibrato and decaying strikes, each channel its own, peak below full scale. */
export function music(length: number, channels: number, sampleRate: number): AudioBuffer {
  const block = new AudioBuffer({ length, numberOfChannels: channels, sampleRate })
  for (let channel = 0; channel < channels; channel++) {
    const samples = block.getChannelData(channel)
    const fundamental = 110 * (1 + channel / 4)
    for (let i = 0; i < length; i++) {
      const t = i / sampleRate
      const strike = Math.exp(-8 * (t % 0.25))
      const phase = 2 * Math.PI * fundamental * t + 0.3 * Math.sin(2 * Math.PI * 5 * t)
      samples[i] = 0.2 * Math.sin(phase) + 0.15 * Math.sin(2.51 * phase) + 0.25 * strike * Math.sin(5.02 * phase)
    }
  }
  return block
}

/** `block` rounded to integers of `bitDepth` bits, as a file of that depth would hold it. */
export function onGrid(block: AudioBuffer, bitDepth: number): AudioBuffer {
  const out = like(block, block.length)
  const integers = quantize(block, bitDepth)
  for (let channel = 0; channel < block.numberOfChannels; channel++) {
    const samples = out.getChannelData(channel)
    for (let i = 0; i < samples.length; i++) {
      samples[i] = integers[i * block.numberOfChannels + channel]! / 2 ** (bitDepth - 1)
    }
  }
  return out
}

/** Cuts into blocks of `frames`; the last may be shorter. */
export function cut(block: AudioBuffer, frames: number): AudioBuffer[] {
  const blocks: AudioBuffer[] = []
  for (let at = 0; at < block.length; at += frames) {
    const out = like(block, Math.min(frames, block.length - at))
    for (let channel = 0; channel < block.numberOfChannels; channel++) {
      out.copyToChannel(block.getChannelData(channel).subarray(at, at + out.length), channel)
    }
    blocks.push(out)
  }
  return blocks
}

export function join(blocks: readonly AudioBuffer[]): AudioBuffer {
  const out = like(
    blocks[0]!,
    blocks.reduce((sum, block) => sum + block.length, 0),
  )
  let at = 0
  for (const block of blocks) {
    for (let channel = 0; channel < out.numberOfChannels; channel++) {
      out.copyToChannel(block.getChannelData(channel), channel, at)
    }
    at += block.length
  }
  return out
}

/** Signal to noise in dB of `got`, from frame `lag` on, against `sent`; Infinity when they are the same bits. */
export function snrDb(sent: AudioBuffer, got: AudioBuffer, lag: number): number {
  let signal = 0
  let noise = 0
  for (let channel = 0; channel < sent.numberOfChannels; channel++) {
    const a = sent.getChannelData(channel)
    const b = got.getChannelData(channel)
    for (let i = 0; i < a.length; i++) {
      signal += a[i]! ** 2
      noise += (a[i]! - b[i + lag]!) ** 2
    }
  }
  return 10 * Math.log10(signal / noise)
}

/** The lag, 0 to `maxLag`, at which the first channel of `got` looks most like that of `sent`. */
export function bestLag(sent: AudioBuffer, got: AudioBuffer, maxLag: number): number {
  const a = sent.getChannelData(0)
  const b = got.getChannelData(0)
  let best = 0
  let bestSum = -Infinity
  for (let lag = 0; lag <= maxLag; lag++) {
    let sum = 0
    for (let i = 0; i < a.length - maxLag; i++) sum += a[i]! * b[i + lag]!
    if (sum > bestSum) [best, bestSum] = [lag, sum]
  }
  return best
}

function like(block: AudioBuffer, length: number): AudioBuffer {
  return new AudioBuffer({ length, numberOfChannels: block.numberOfChannels, sampleRate: block.sampleRate })
}
