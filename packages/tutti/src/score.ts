/** The built-in piece as notes: 72 bars in D, a little over three minutes, made to be played in a circle. */
import type { Instrument } from './tones.js'

export interface Note {
  readonly instrument: Instrument
  /** MIDI note number (60 is middle C); drums have none and use 0. */
  readonly pitch: number
  /** When it starts, in frames from the start of the piece. */
  readonly atFrame: number
  readonly gain: number
  /** −1 left to 1 right. */
  readonly pan: number
}

export const sampleRate = 48_000
/** 90 beats a minute, a whole number of frames each. */
export const beatFrames = 32_000
const barFrames = 4 * beatFrames
const sixteenth = beatFrames / 4

/** Bass note and the four notes above it. */
type Chord = readonly [bass: number, a: number, b: number, c: number, d: number]

const D: Chord = [38, 57, 62, 64, 66]
const DoverFsharp: Chord = [42, 57, 62, 64, 69]
const Em9: Chord = [40, 59, 62, 66, 67]
const Fsharpm7: Chord = [42, 57, 61, 64, 69]
const Gmaj7: Chord = [43, 59, 62, 66, 69]
const Asus: Chord = [45, 57, 62, 64, 69]
const A: Chord = [45, 57, 61, 64, 69]
const Bm7: Chord = [47, 57, 62, 66, 69]

const verse: readonly Chord[] = [D, Bm7, Gmaj7, Asus, DoverFsharp, Em9, Gmaj7, A]
const chorus: readonly Chord[] = [Gmaj7, A, Fsharpm7, Bm7, Em9, DoverFsharp, Gmaj7, Asus]

type Layer = 'pad' | 'arpeggio' | 'flowing' | 'bass' | 'drums' | 'melody'

/** Eight bars each. */
const form: readonly { readonly chords: readonly Chord[]; readonly layers: readonly Layer[] }[] = [
  { chords: verse, layers: ['pad', 'arpeggio', 'bass'] },
  { chords: verse, layers: ['pad', 'arpeggio', 'bass', 'drums'] },
  { chords: chorus, layers: ['pad', 'flowing', 'bass', 'drums'] },
  { chords: verse, layers: ['pad', 'arpeggio', 'bass', 'drums', 'melody'] },
  { chords: chorus, layers: ['pad', 'flowing', 'bass', 'drums', 'melody'] },
  { chords: verse, layers: ['pad', 'arpeggio'] },
  { chords: chorus, layers: ['pad', 'arpeggio', 'bass', 'melody'] },
  { chords: chorus, layers: ['pad', 'flowing', 'bass', 'drums', 'melody'] },
  { chords: verse, layers: ['pad', 'arpeggio', 'bass', 'drums'] },
]

const sectionBars = 8
export const pieceFrames = form.length * sectionBars * barFrames

/** Which chord note, counted upwards through two octaves, falls on each eighth of a bar. */
const arpeggio = [1, 3, 5, 4, 6, 3, 5, 2]
/** The same for sixteenths; undefined rests. */
const flowing = [1, 3, 5, undefined, 4, 6, 3, undefined, 5, 7, 4, 6, undefined, 3, 5, 2]
/** Beats of the bass, its pitch above the chord's, and its loudness. */
const bassLine = [
  { beat: 0, above: 0, gain: 1 },
  { beat: 1.5, above: 0, gain: 0.6 },
  { beat: 2, above: 12, gain: 0.5 },
  { beat: 3, above: 7, gain: 0.55 },
]
/** Bar of the section, beat, pitch. */
const tune: readonly (readonly [bar: number, beat: number, pitch: number])[] = [
  [0, 0, 78],
  [0, 1.5, 81],
  [0, 3, 76],
  [1, 1, 74],
  [2, 0, 78],
  [2, 1.5, 76],
  [2, 3, 74],
  [3, 1, 76],
  [4, 0, 81],
  [4, 1.5, 83],
  [4, 3, 78],
  [5, 1, 76],
  [6, 0, 74],
  [6, 1.5, 78],
  [6, 3, 81],
  [7, 1, 76],
]

type Bar = { readonly chord: Chord; readonly atFrame: number; readonly index: number }

const players: Readonly<Record<Layer, (bar: Bar) => Note[]>> = {
  pad: ({ chord, atFrame }) =>
    chord.slice(1).map((pitch) => ({ instrument: 'pad', pitch, atFrame, gain: 0.042, pan: 0 })),

  arpeggio: ({ chord, atFrame }) =>
    arpeggio.map((step, i) => pluck(chord, step, atFrame + 2 * i * sixteenth, i % 4 === 0 ? 0.17 : 0.13)),

  flowing: ({ chord, atFrame }) =>
    flowing.flatMap((step, i) =>
      step === undefined ? [] : [pluck(chord, step, atFrame + i * sixteenth, i % 4 === 0 ? 0.15 : 0.1)],
    ),

  bass: ({ chord, atFrame }) =>
    bassLine.map(({ beat, above, gain }) => ({
      instrument: 'bass',
      pitch: chord[0] + above,
      atFrame: atFrame + beat * beatFrames,
      gain: 0.18 * gain,
      pan: 0,
    })),

  drums: ({ atFrame }) =>
    Array.from({ length: 8 }, (_, i): Note[] => {
      const at = atFrame + 2 * i * sixteenth
      const drums: Note[] = [
        { instrument: 'shaker', pitch: 0, atFrame: at, gain: i % 2 === 0 ? 0.045 : 0.07, pan: 0.35 },
      ]
      if (i === 0 || i === 5) drums.push({ instrument: 'kick', pitch: 0, atFrame: at, gain: 0.2, pan: 0 })
      if (i === 2 || i === 6) drums.push({ instrument: 'rim', pitch: 0, atFrame: at, gain: 0.12, pan: -0.3 })
      return drums
    }).flat(),

  melody: ({ atFrame, index }) =>
    tune
      .filter(([bar]) => bar === index)
      .map(([, beat, pitch]) => ({
        instrument: 'bell',
        pitch,
        atFrame: atFrame + beat * beatFrames,
        gain: 0.13,
        pan: 0.15,
      })),
}

/** Higher strings stand further to the right. */
function pluck(chord: Chord, step: number, atFrame: number, gain: number): Note {
  const tones = chord.slice(1)
  const pitch = tones[step % tones.length]! + 12 * Math.floor(step / tones.length)
  return { instrument: 'pluck', pitch, atFrame, gain, pan: (step - 4) * 0.18 }
}

/** Every note of the piece, in no particular order. */
export const notes: readonly Note[] = form.flatMap(({ chords, layers }, section) =>
  chords.flatMap((chord, index) => {
    const atFrame = (section * sectionBars + index) * barFrames
    return layers.flatMap((layer) => players[layer]({ chord, atFrame, index }))
  }),
)
