/** Turns planar Float32 into the interleaved integers (or floats) a device takes. */

export interface SampleFormat {
  readonly name: string
  /** ALSA's number for it (`snd_pcm_format_t`). */
  readonly alsaFormat: number
  readonly bytesPerSample: number
  /** Writes `frames` frames of all channels, clipped at full scale. Never allocates. */
  readonly interleave: (channels: readonly Float32Array[], frames: number, into: Uint8Array) => void
}

const clip = (value: number, full: number): number => Math.max(-full, Math.min(full - 1, Math.round(value * full)))

/** A typed view on the same bytes; the bytes come from their own allocation, so they are aligned. */
const views = new WeakMap<
  Uint8Array,
  { readonly f32: Float32Array; readonly i32: Int32Array; readonly i16: Int16Array }
>()

function viewsOf(bytes: Uint8Array) {
  let found = views.get(bytes)
  if (!found) {
    const { buffer, byteOffset, byteLength } = bytes
    found = {
      f32: new Float32Array(buffer, byteOffset, byteLength >> 2),
      i32: new Int32Array(buffer, byteOffset, byteLength >> 2),
      i16: new Int16Array(buffer, byteOffset, byteLength >> 1),
    }
    views.set(bytes, found)
  }
  return found
}

/** Best first: a device is opened with the first it takes. All little-endian, as every machine Node runs audio on is. */
export const sampleFormats: readonly SampleFormat[] = [
  {
    name: 'FLOAT_LE',
    alsaFormat: 14,
    bytesPerSample: 4,
    interleave: (channels, frames, into) => {
      const { f32 } = viewsOf(into)
      const count = channels.length
      for (let c = 0; c < count; c++) {
        const samples = channels[c]!
        for (let i = 0, at = c; i < frames; i++, at += count) f32[at] = Math.max(-1, Math.min(1, samples[i]!))
      }
    },
  },
  {
    name: 'S32_LE',
    alsaFormat: 10,
    bytesPerSample: 4,
    interleave: (channels, frames, into) => {
      const { i32 } = viewsOf(into)
      const count = channels.length
      for (let c = 0; c < count; c++) {
        const samples = channels[c]!
        for (let i = 0, at = c; i < frames; i++, at += count) i32[at] = clip(samples[i]!, 2 ** 31)
      }
    },
  },
  {
    name: 'S24_LE',
    alsaFormat: 6,
    bytesPerSample: 4,
    interleave: (channels, frames, into) => {
      const { i32 } = viewsOf(into)
      const count = channels.length
      for (let c = 0; c < count; c++) {
        const samples = channels[c]!
        for (let i = 0, at = c; i < frames; i++, at += count) i32[at] = clip(samples[i]!, 2 ** 23)
      }
    },
  },
  {
    name: 'S24_3LE',
    alsaFormat: 32,
    bytesPerSample: 3,
    interleave: (channels, frames, into) => {
      const count = channels.length
      for (let c = 0; c < count; c++) {
        const samples = channels[c]!
        for (let i = 0, at = c * 3; i < frames; i++, at += count * 3) {
          const value = clip(samples[i]!, 2 ** 23)
          into[at] = value
          into[at + 1] = value >> 8
          into[at + 2] = value >> 16
        }
      }
    },
  },
  {
    name: 'S16_LE',
    alsaFormat: 2,
    bytesPerSample: 2,
    interleave: (channels, frames, into) => {
      const { i16 } = viewsOf(into)
      const count = channels.length
      for (let c = 0; c < count; c++) {
        const samples = channels[c]!
        for (let i = 0, at = c; i < frames; i++, at += count) i16[at] = clip(samples[i]!, 2 ** 15)
      }
    },
  },
]
