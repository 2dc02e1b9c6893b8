/** The head of a WAV file: a RIFF of chunks, of which `fmt ` and `data` matter (Multimedia Programming Interface, 1991). */
import type { FrameLayout } from './samples-reader.js'

export interface WavHeader extends FrameLayout {
  /** Where the audio begins. */
  readonly dataStart: number
  /** Undefined when the writer could not know (a pipe). */
  readonly dataBytes: number | undefined
}

const extensible = 0xfffe
const encodings: Readonly<Record<number, WavHeader['encoding']>> = { 1: 'integer', 3: 'float' }
const chunkHeaderBytes = 8

/** Undefined when `bytes` are not the head of a WAV file or end before its audio. */
export function readWavHeader(bytes: Uint8Array): WavHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return undefined
  let format: Omit<WavHeader, 'dataStart' | 'dataBytes'> | undefined
  for (let at = 12; at + chunkHeaderBytes <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    const body = at + chunkHeaderBytes
    if (name(at) === 'data') {
      const dataBytes = length === 0 || length === 0xffff_ffff ? undefined : length
      return format && { ...format, dataStart: body, dataBytes }
    }
    if (name(at) === 'fmt ') {
      if (length < 16 || body + length > bytes.length) return undefined
      format = readFormat(view, body, length)
      if (format.frameBytes === 0 || format.channels === 0) return undefined
    }
    at = body + length + (length & 1) // chunks begin at even places
  }
  return undefined
}

function readFormat(view: DataView, at: number, length: number): Omit<WavHeader, 'dataStart' | 'dataBytes'> {
  const tag = view.getUint16(at, true)
  return {
    encoding: encodings[tag === extensible && length >= 26 ? view.getUint16(at + 24, true) : tag] ?? 'other',
    channels: view.getUint16(at + 2, true),
    sampleRate: view.getUint32(at + 4, true),
    frameBytes: view.getUint16(at + 12, true),
    bitDepth: view.getUint16(at + 14, true),
  }
}
