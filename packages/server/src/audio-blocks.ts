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
      if (after !== undefined) dieAway(block, after, fadeFrames)
      return block
    },
    bender: () => new AudioBender(sampleRate, channels),
    mix: mixAnnouncement,
    without: (block, frames) => sliceBlock(block, frames, block.length),
    fadeIn(block) {
      const faded = sliceBlock(block, 0, block.length)
      for (let channel = 0; channel < channels; channel++) {
        const samples = faded.getChannelData(channel)
        const frames = Math.min(fadeFrames, samples.length)
        for (let frame = 0; frame < frames; frame++) samples[frame]! *= raisedCosine(frame / fadeFrames)
      }
      return faded
    },
  }
}

/** Lets the last sample of `before` sink to zero at the start of `block`. */
function dieAway(block: AudioBuffer, before: AudioBuffer, fadeFrames: number): void {
  for (let channel = 0; channel < block.numberOfChannels; channel++) {
    const samples = block.getChannelData(channel)
    const last = before.getChannelData(channel)[before.length - 1]!
    const frames = Math.min(fadeFrames, samples.length)
    for (let frame = 0; frame < frames; frame++) samples[frame] = last * (1 - raisedCosine((frame + 1) / fadeFrames))
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
