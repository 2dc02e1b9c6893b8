/** Programmes of real samples. */
import AudioBuffer from 'audio-buffer'
import type { BlockFactory } from './block.js'

export function audioBlocks(sampleRate: number, channels: number): BlockFactory<AudioBuffer> {
  return {
    silence: (length) => new AudioBuffer({ length, sampleRate, numberOfChannels: channels }),
    without: (block, frames) => sliceBlock(block, frames, block.length),
  }
}

/** Frames `from` to before `to` of a block. */
export function sliceBlock(block: AudioBuffer, from: number, to: number): AudioBuffer {
  const { sampleRate, numberOfChannels } = block
  const slice = new AudioBuffer({ length: to - from, sampleRate, numberOfChannels })
  for (let channel = 0; channel < numberOfChannels; channel++) {
    slice.getChannelData(channel).set(block.getChannelData(channel).subarray(from, to))
  }
  return slice
}
