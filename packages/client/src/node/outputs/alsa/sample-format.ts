/**
 * Turns planar Float32 into the interleaved integers (or floats) a device takes.
 *
 * Integers are rounded, clipped at full scale and not dithered. Cards that take no more than 16 bits have more noise of
 * their own than the rounding adds, and what is played has passed a resampler with its source's noise intact; docs/
 * decisions/0011 has the figures.
 */

/** Writes the first `frames` of all channels to where it was made for. Never allocates. */
export type Interleave = (channels: readonly Float32Array[], frames: number) => void

export interface SampleFormat {
  readonly name: string
  /** ALSA's number for it (`snd_pcm_format_t`). */
  readonly alsaFormat: number
  readonly bytesPerSample: number
  readonly interleaveInto: (buffer: ArrayBuffer) => Interleave
}

/** Best first: a device is opened with the first it takes. All little-endian, as every machine Node runs audio on is. */
export const sampleFormats: readonly SampleFormat[] = [
  { name: 'FLOAT_LE', alsaFormat: 14, bytesPerSample: 4, interleaveInto: floats },
  { name: 'S32_LE', alsaFormat: 10, bytesPerSample: 4, interleaveInto: (to) => integers(new Int32Array(to), 2 ** 31) },
  { name: 'S24_LE', alsaFormat: 6, bytesPerSample: 4, interleaveInto: (to) => integers(new Int32Array(to), 2 ** 23) },
  { name: 'S24_3LE', alsaFormat: 32, bytesPerSample: 3, interleaveInto: packed24 },
  { name: 'S16_LE', alsaFormat: 2, bytesPerSample: 2, interleaveInto: (to) => integers(new Int16Array(to), 2 ** 15) },
]

const quantise = (value: number, full: number): number => Math.max(-full, Math.min(full - 1, Math.round(value * full)))

function floats(buffer: ArrayBuffer): Interleave {
  const to = new Float32Array(buffer)
  return (channels, frames) => {
    const count = channels.length
    for (let c = 0; c < count; c++) {
      const samples = channels[c]!
      for (let i = 0, at = c; i < frames; i++, at += count) to[at] = Math.max(-1, Math.min(1, samples[i]!))
    }
  }
}

function integers(to: Int32Array | Int16Array, full: number): Interleave {
  return (channels, frames) => {
    const count = channels.length
    for (let c = 0; c < count; c++) {
      const samples = channels[c]!
      for (let i = 0, at = c; i < frames; i++, at += count) to[at] = quantise(samples[i]!, full)
    }
  }
}

function packed24(buffer: ArrayBuffer): Interleave {
  const to = new Uint8Array(buffer)
  return (channels, frames) => {
    const count = channels.length
    for (let c = 0; c < count; c++) {
      const samples = channels[c]!
      for (let i = 0, at = c * 3; i < frames; i++, at += count * 3) {
        const value = quantise(samples[i]!, 2 ** 23)
        to[at] = value
        to[at + 1] = value >> 8
        to[at + 2] = value >> 16
      }
    }
  }
}
