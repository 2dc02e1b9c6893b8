/** The instruments of the built-in music. A tone is a function of its pitch alone, so each is rendered once and mixed often. */

export const instruments = ['pad', 'pluck', 'bass', 'bell', 'kick', 'shaker', 'rim'] as const
export type Instrument = (typeof instruments)[number]

/** A decaying sine wave. */
interface Overtone {
  /** Multiple of the tone's frequency. */
  readonly ratio: number
  readonly gain: number
  /** Time in which it falls to 1/e, seconds. */
  readonly decayS: number
}

const fadeOutS = 0.02

/** A tone of `instrument` at full loudness (peak about 1), starting and ending in silence. */
export function renderTone(instrument: Instrument, pitch: number, sampleRate: number): Float32Array {
  return renderers[instrument](440 * 2 ** ((pitch - 69) / 12), sampleRate)
}

/** The longest tone there is, in seconds. */
export const longestToneS = 4.2

const renderers: Readonly<Record<Instrument, (frequency: number, sampleRate: number) => Float32Array>> = {
  pluck: (frequency, sampleRate) =>
    shape(ring(strings(frequency), frequency, 2.4, sampleRate), sampleRate, 0.0015, fadeOutS),

  bass: (frequency, sampleRate) => {
    const overtones = [1, 0.5, 0.22, 0.1].map((gain, i) => ({ ratio: i + 1, gain, decayS: 0.9 / (i + 1) }))
    return shape(ring(overtones, frequency, 1.3, sampleRate), sampleRate, 0.006, 0.15)
  },

  bell: (frequency, sampleRate) => {
    const overtones = [
      { ratio: 1, gain: 1, decayS: 0.9 },
      { ratio: 2.01, gain: 0.35, decayS: 0.5 },
      { ratio: 3.9, gain: 0.12, decayS: 0.15 },
    ]
    return shape(ring(overtones, frequency, 2.5, sampleRate), sampleRate, 0.002, fadeOutS)
  },

  // Two voices a little out of tune with each other, for width.
  pad: (frequency, sampleRate) => {
    const overtones = [0.9985, 1.0015].flatMap((detune) =>
      [1, 0.4, 0.18, 0.08].map((gain, i) => ({ ratio: detune * (i + 1), gain: gain / 2, decayS: 20 })),
    )
    return shape(ring(overtones, frequency, longestToneS, sampleRate), sampleRate, 0.9, 1.5)
  },

  kick: (_frequency, sampleRate) => {
    const tone = new Float32Array(Math.round(0.35 * sampleRate))
    let phase = 0
    for (let i = 0; i < tone.length; i++) {
      const t = i / sampleRate
      phase += (48 + 70 * Math.exp(-t / 0.03)) / sampleRate
      tone[i] = Math.sin(2 * Math.PI * phase) * Math.exp(-t / 0.11)
    }
    return shape(tone, sampleRate, 0.002, fadeOutS)
  },

  shaker: (_frequency, sampleRate) => {
    const tone = new Float32Array(Math.round(0.12 * sampleRate))
    const noise = whiteNoise()
    let before = 0
    for (let i = 0; i < tone.length; i++) {
      const now = noise()
      tone[i] = ((now - before) / 2) * Math.exp(-i / (0.028 * sampleRate))
      before = now
    }
    return shape(tone, sampleRate, 0.008, fadeOutS)
  },

  rim: (_frequency, sampleRate) => {
    const overtones = [
      { ratio: 1, gain: 0.7, decayS: 0.02 },
      { ratio: 1.51, gain: 0.4, decayS: 0.012 },
    ]
    return shape(ring(overtones, 1_720, 0.15, sampleRate), sampleRate, 0.0005, fadeOutS)
  },
}

/** A string plucked a fifth of its length from the bridge: the higher a overtone, the sooner it is gone. */
function strings(frequency: number): readonly Overtone[] {
  const audible = Math.min(12, Math.floor(12_000 / frequency))
  return Array.from({ length: audible }, (_, i) => {
    const k = i + 1
    return { ratio: k, gain: Math.sin((Math.PI * k) / 5) / k ** 1.3, decayS: 0.8 / (1 + 0.45 * i) }
  })
}

/** The sum of overtones, each computed as a two-pole resonator struck once. */
function ring(overtones: readonly Overtone[], frequency: number, seconds: number, sampleRate: number): Float32Array {
  const tone = new Float32Array(Math.round(seconds * sampleRate))
  for (const { ratio, gain, decayS } of overtones) {
    const step = (2 * Math.PI * frequency * ratio) / sampleRate
    const radius = Math.exp(-1 / (decayS * sampleRate))
    const a = 2 * radius * Math.cos(step)
    const b = radius * radius
    let before = 0
    let now = gain * radius * Math.sin(step)
    for (let i = 1; i < tone.length; i++) {
      tone[i]! += now
      const next = a * now - b * before
      before = now
      now = next
    }
  }
  return tone
}

/** Raised-cosine fades at both ends, in place. */
function shape(tone: Float32Array, sampleRate: number, attackS: number, releaseS: number): Float32Array {
  const fade = (seconds: number, indexOf: (i: number) => number): void => {
    const frames = Math.round(seconds * sampleRate)
    for (let i = 0; i < frames; i++) tone[indexOf(i)]! *= 0.5 - 0.5 * Math.cos((Math.PI * i) / frames)
  }
  fade(attackS, (i) => i)
  fade(releaseS, (i) => tone.length - 1 - i)
  return tone
}

/** Always the same noise: a linear congruential generator with the constants of Numerical Recipes; in [−1, 1). */
function whiteNoise(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state / 2 ** 31
  }
}
