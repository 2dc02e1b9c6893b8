/** A part of a longer recording, as a track of its own; parts that follow one another do so to the frame. */
import type AudioBuffer from 'audio-buffer'
import { sliceBlock } from '../../audio-blocks.js'
import type { AudioSource, TrackTags } from '../../audio-source.js'

export interface Part {
  /** Where it begins and ends in the recording, in ms; undefined for the recording's end. */
  readonly startMs: number
  readonly endMs: number | undefined
  /** Where in the part the recording was opened. */
  readonly fromMs: number
  readonly tags: TrackTags
}

export function takePart(recording: AudioSource, { startMs, endMs, fromMs, tags }: Part): AudioSource {
  const { sampleRate, channels } = recording
  const frameAt = (ms: number): number => Math.round((ms * sampleRate) / 1000)
  let framesLeft = endMs === undefined ? Infinity : Math.max(0, frameAt(endMs) - frameAt(startMs + fromMs))
  const end = endMs ?? recording.durationMs
  return {
    sampleRate,
    channels,
    tags,
    durationMs: end === undefined ? undefined : end - startMs,
    async read(): Promise<AudioBuffer | undefined> {
      if (framesLeft === 0) return undefined
      const block = await recording.read()
      if (block === undefined) return undefined
      const frames = Math.min(block.length, framesLeft)
      framesLeft -= frames
      return frames === block.length ? block : sliceBlock(block, 0, frames)
    },
    close: () => recording.close(),
  }
}
