/**
 * The music that plays when nobody brings any: our own piece, synthesised as it is read, without end. What is heard at a
 * frame depends on nothing but the frame, so it can be opened anywhere and is the same every time.
 */
import type { AudioSource } from '@tutti/server'
import AudioBuffer from 'audio-buffer'
import { type Note, notes, pieceFrames, sampleRate } from './score.js'
import { longestToneS, renderTone } from './tones.js'

/** The location under which `openMusic` is known, where others are paths and addresses. */
export const musicLocation = 'music:'

const blockFrames = 4_800

/** Opens the piece `fromMs` from its start; stereo, 48 kHz, endless. */
export function openMusic(fromMs: number): AudioSource {
  let position = Math.round((fromMs * sampleRate) / 1000)
  let closed = false
  return {
    sampleRate,
    channels: 2,
    durationMs: undefined,
    tags: { title: 'Rooms in Step', artist: 'Tutti' },
    read: async () => {
      if (closed) return undefined
      const block = new AudioBuffer({ length: blockFrames, sampleRate, numberOfChannels: 2 })
      mixMusic(position, [block.getChannelData(0), block.getChannelData(1)])
      position += blockFrames
      return block
    },
    close: async () => {
      closed = true
    },
  }
}

/**
 * Adds the stretch of music that starts at frame `from` to a pair of channels of equal length. The piece repeats for
 * ever, and what still sounds at its end sounds on into its next beginning.
 */
export function mixMusic(from: number, channels: readonly [left: Float32Array, right: Float32Array]): void {
  const end = from + channels[0].length
  const oldest = Math.max(0, from - longestToneS * sampleRate)
  for (let round = Math.floor(oldest / pieceFrames); round * pieceFrames < end; round++) {
    for (const note of notes) {
      const start = round * pieceFrames + note.atFrame
      if (start < end && start > oldest - 1) mixNote(note, start - from, channels)
    }
  }
}

function mixNote(note: Note, offsetFrames: number, [left, right]: readonly [Float32Array, Float32Array]): void {
  const tone = toneOf(note)
  const angle = ((note.pan + 1) * Math.PI) / 4 // equal power: half way is 3 dB down on both sides
  const leftGain = note.gain * Math.cos(angle) * Math.SQRT2
  const rightGain = note.gain * Math.sin(angle) * Math.SQRT2
  const end = Math.min(left.length, offsetFrames + tone.length)
  for (let i = Math.max(0, offsetFrames); i < end; i++) {
    const sample = tone[i - offsetFrames]!
    left[i]! += leftGain * sample
    right[i]! += rightGain * sample
  }
}

const tones = new Map<string, Float32Array>()

function toneOf({ instrument, pitch }: Note): Float32Array {
  const key = `${instrument} ${pitch}`
  const known = tones.get(key)
  if (known) return known
  const tone = renderTone(instrument, pitch, sampleRate)
  tones.set(key, tone)
  return tone
}
