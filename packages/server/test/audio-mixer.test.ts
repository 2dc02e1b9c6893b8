import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { PlacedAnnouncement } from '../src/announcement.js'
import { audioBlocks, sliceBlock } from '../src/audio-blocks.js'
import { mixAnnouncement } from '../src/audio-mixer.js'

const sampleRate = 48_000
const fadeFrames = 9600 // 200 ms
const clipFrames = 24_000

function audio(length: number, sample: (frame: number, channel: number) => number): AudioBuffer {
  const buffer = new AudioBuffer({ length, sampleRate, numberOfChannels: 2 })
  for (const channel of [0, 1]) {
    const samples = buffer.getChannelData(channel)
    for (let frame = 0; frame < length; frame++) samples[frame] = sample(frame, channel)
  }
  return buffer
}

const announcement = (clip: AudioBuffer, duckDb = 12) => ({ clip, duckDb, fadeFrames })

describe('An announcement in music', () => {
  it('lets the music sink by as much as asked within the fade, and come back in the same time', () => {
    const music = audio(60_000, () => 0.5)
    const mixed = mixAnnouncement(music, announcement(audio(clipFrames, () => 0)), -1000).getChannelData(0)
    const levelDb = (frame: number): number => 20 * Math.log10(mixed[1000 + frame]! / 0.5)
    expect(levelDb(-1)).to.equal(0)
    expect(levelDb(fadeFrames)).to.be.closeTo(-12, 1e-4)
    expect(levelDb(fadeFrames + clipFrames / 2)).to.be.closeTo(-12, 1e-4)
    expect(levelDb(fadeFrames + clipFrames)).to.be.closeTo(-12, 1e-4)
    expect(levelDb(2 * fadeFrames + clipFrames)).to.equal(0)
    expect(mixed[1000 + fadeFrames / 2]).to.be.closeTo((0.5 * (1 + 10 ** (-12 / 20))) / 2, 1e-6)
    for (let frame = 1; frame < mixed.length; frame++)
      expect(Math.abs(mixed[frame]! - mixed[frame - 1]!)).to.be.below(0.0001) // no click
  })

  it('has every sample of the clip where it belongs, in its own channel', () => {
    const clip = audio(clipFrames, (frame, channel) => 0.3 * Math.sin(frame * 0.05 + channel))
    const mixed = mixAnnouncement(
      audio(60_000, () => 0),
      announcement(clip),
      0,
    )
    for (const channel of [0, 1]) {
      for (let frame = 240; frame < clipFrames - 240; frame++) {
        expect(mixed.getChannelData(channel)[fadeFrames + frame]).to.equal(clip.getChannelData(channel)[frame])
      }
    }
  })

  it('never exceeds full scale, however loud both are, and is bent without a jump', () => {
    const music = audio(60_000, (frame) => Math.sin(frame * 0.01))
    const clip = audio(clipFrames, (frame) => Math.sin(frame * 0.013))
    const mixed = mixAnnouncement(music, announcement(clip, 0), 0).getChannelData(0)
    let loudest = 0
    let steepest = 0
    for (let frame = 1; frame < mixed.length; frame++) {
      loudest = Math.max(loudest, Math.abs(mixed[frame]!))
      steepest = Math.max(steepest, Math.abs(mixed[frame]! - mixed[frame - 1]!))
    }
    expect(loudest).to.be.within(0.9, 1)
    expect(steepest).to.be.below(0.024) // the two sines together rise by 0.023 a frame
  })

  it('sounds the same in whatever portions it is mixed', () => {
    const music = audio(60_000, (frame) => 0.7 * Math.sin(frame * 0.02))
    const clip = audio(clipFrames, (frame) => 0.7 * Math.sin(frame * 0.03))
    const factory = audioBlocks(sampleRate, 2)
    const placed = new PlacedAnnouncement(announcement(clip), 3333, factory)
    const whole = placed.mixInto(music, 0).getChannelData(0)
    for (let from = 0, length = 1; from < music.length; from += length, length = (length * 7) % 4801 || 1) {
      const to = Math.min(from + length, music.length)
      const part = placed.mixInto(sliceBlock(music, from, to), from).getChannelData(0)
      expect(part).to.deep.equal(whole.subarray(from, to))
    }
  })

  it('leaves music before and after it as it is, the very same blocks', () => {
    const clip = audio(clipFrames, () => 0.5)
    const placed = new PlacedAnnouncement(announcement(clip), 10_000, audioBlocks(sampleRate, 2))
    const block = audio(1000, () => 0.5)
    expect(placed.mixInto(block, 9000)).to.equal(block)
    expect(placed.mixInto(block, placed.endFrame)).to.equal(block)
    expect(placed.mixInto(block, 9001)).to.not.equal(block)
  })
})
