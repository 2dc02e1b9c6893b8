/** Programmes of real samples. */
import AudioBuffer from 'audio-buffer'
import { AudioBender } from './audio-bender.js'
import { mixAnnouncement } from './audio-mixer.js'
import type { BlockFactory } from './block.js'

/** Long enough to be heard as a fade and not as a click. */
const fadeMs = 5

export function audioBlocks(sampleRate: number, channels: number): BlockFactory<AudioBuffer> {
  const fadeFrames = (sampleRate * fadeMs) / 1000
  return {
    silence(length, after) {
      const block = new AudioBuffer({ length, sampleRate, numberOfChannels: channels })
      if (after !== undefined) dieAway(block, 0, after)
      return block
    },
    bender: () => new AudioBender(sampleRate, channels),
    mix: mixAnnouncement,
    without: (block, frames) => sliceBlock(block, frames, block.length),
    join(block, from, before) {
      if (from >= fadeFrames) return block
      const joined = sliceBlock(block, 0, block.length)
      for (let channel = 0; channel < channels; channel++) {
        const samples = joined.getChannelData(channel)
        const frames = Math.min(fadeFrames - from, samples.length)
        for (let frame = 0; frame < frames; frame++) samples[frame]! *= raisedCosine((from + frame) / fadeFrames)
      }
      if (before !== undefined) dieAway(joined, from, before)
      return joined
    },
  }

  /** Adds the last sample of `before`, sinking to zero, to `block`, whose first frame comes `from` frames after it. */
  function dieAway(block: AudioBuffer, from: number, before: AudioBuffer): void {
    for (let channel = 0; channel < block.numberOfChannels; channel++) {
      const samples = block.getChannelData(channel)
      const last = before.getChannelData(channel)[before.length - 1]!
      const frames = Math.min(fadeFrames - from, samples.length)
      for (let i = 0; i < frames; i++) samples[i]! += last * (1 - raisedCosine((from + i + 1) / fadeFrames))
    }
  }
}

/** From 0 to 1 without a corner at either end. */
function raisedCosine(x: number): number {
  return x >= 1 ? 1 : (1 - Math.cos(Math.PI * x)) / 2
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
