/** Mixes an announcement's samples into music. */
import AudioBuffer from 'audio-buffer'
import type { Announcement } from './announcement.js'

/** While an announcement is heard, what is louder than this (-0.9 dBFS) is bent towards full scale and never past it. */
const kneeLevel = 0.9
/** Keeps the edges of a clip that begins or ends on a loud sample from clicking. */
const clipEdgeMs = 5

/** `music` with the announcement in it; its first frame is frame `from` of the announcement's own, which may be negative. */
export function mixAnnouncement(
  music: AudioBuffer,
  { clip, duckDb, fadeFrames }: Announcement<AudioBuffer>,
  from: number,
): AudioBuffer {
  const { length, sampleRate, numberOfChannels } = music
  const mixed = new AudioBuffer({ length, sampleRate, numberOfChannels })
  const ducked = 10 ** (-duckDb / 20)
  const edgeFrames = Math.min((sampleRate * clipEdgeMs) / 1000, clip.length / 2)
  const endFrame = clip.length + 2 * fadeFrames
  const channels = Array.from({ length: numberOfChannels }, (_, channel) => ({
    into: mixed.getChannelData(channel),
    music: music.getChannelData(channel),
    clip: clip.getChannelData(Math.min(channel, clip.numberOfChannels - 1)),
  }))
  for (let i = 0; i < length; i++) {
    const frame = from + i
    const depth = ramp(Math.min(frame, endFrame - frame) / fadeFrames)
    const clipFrame = frame - fadeFrames
    const edge = ramp(Math.min(clipFrame, clip.length - clipFrame) / edgeFrames)
    const gain = 1 - (1 - ducked) * depth
    for (const { into, music, clip } of channels) {
      const said = edge === 0 ? 0 : clip[clipFrame]! * edge
      into[i] = depth === 0 ? music[i]! : limit(music[i]! * gain + said, 1 - (1 - kneeLevel) * depth)
    }
  }
  return mixed
}

/** From 0 to 1 without a corner at either end. */
function ramp(x: number): number {
  if (x <= 0) return 0
  return x >= 1 ? 1 : (1 - Math.cos(Math.PI * x)) / 2
}

/** Leaves what is below `knee` as it is; what is above comes ever nearer to full scale, without a corner. */
function limit(sample: number, knee: number): number {
  const excess = Math.abs(sample) - knee
  if (excess <= 0) return sample
  const room = 1 - knee
  return Math.sign(sample) * (room === 0 ? 1 : knee + room * Math.tanh(excess / room))
}
