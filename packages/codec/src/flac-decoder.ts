import type { AudioFormat } from '@tutti/protocol'
import type AudioBuffer from 'audio-buffer'
import { BlockMaker } from './audio-block.js'
import type { Decoder } from './decoder.js'
import { decodeFlacFrame, type FlacFrame } from './flac-frame.js'
import { flacHeaderBytes, readStreamInfo } from './flac-header.js'
import { checkFormat } from './formats.js'

/** Silence compresses ten-thousandfold, so a payload's size does not bound its memory; Sendspin allows 150 ms a chunk. */
const maxChunkS = 1

/**
 * FLAC frames to PCM, bit for bit. Frames do not depend on one another, so there is no past to forget.
 *
 * `codecHeader` is base64 of `fLaC` and STREAMINFO. It may be absent, because every frame says all that is needed.
 * Throws a RangeError when it is malformed or contradicts `format`, or when FLAC does not come in `format`.
 */
export function createFlacDecoder(format: AudioFormat, codecHeader?: string): Decoder {
  checkFormat(format, 'flac')
  if (codecHeader !== undefined) checkHeader(codecHeader, format)
  const { sampleRate } = format
  const blocks = new BlockMaker(format)
  return {
    format,
    decode(payload) {
      const frames: FlacFrame[] = []
      let length = 0
      for (let at = 0; at < payload.length; ) {
        const frame = decodeFlacFrame(payload, at, format)
        if (typeof frame === 'string' || !matches(frame, format)) return undefined
        length += frame.samples[0]!.length
        if (length > sampleRate * maxChunkS) return undefined
        frames.push(frame)
        at = frame.end
      }
      return frames.length === 0 ? undefined : join(frames, length, format.bitDepth, blocks)
    },
    reset() {},
    close() {},
  }
}

function matches(frame: FlacFrame, format: AudioFormat): boolean {
  return (
    frame.sampleRate === format.sampleRate &&
    frame.bitDepth === format.bitDepth &&
    frame.samples.length === format.channels
  )
}

function join(frames: readonly FlacFrame[], length: number, bitDepth: number, blocks: BlockMaker): AudioBuffer {
  const step = 2 ** (1 - bitDepth)
  const block = blocks.make(length)
  for (let channel = 0; channel < blocks.channels; channel++) {
    const out = block.getChannelData(channel)
    let at = 0
    for (const frame of frames) for (const sample of frame.samples[channel]!) out[at++] = sample * step
  }
  return block
}

function checkHeader(codecHeader: string, format: AudioFormat): void {
  // A header with metadata blocks after STREAMINFO is legal and may be long; only its beginning matters here.
  const info = readStreamInfo(fromBase64(codecHeader.slice(0, (flacHeaderBytes / 3) * 4)))
  if (info === undefined) throw new RangeError('FLAC codec header is not base64 of fLaC and STREAMINFO.')
  const { sampleRate, channels, bitDepth } = format
  if (info.sampleRate !== sampleRate || info.channels !== channels || info.bitDepth !== bitDepth) {
    const said = `${info.sampleRate} Hz, ${info.channels} channels, ${info.bitDepth} bits`
    throw new RangeError(`FLAC codec header says ${said}, the format ${sampleRate} Hz, ${channels}, ${bitDepth}.`)
  }
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array(0) // not base64 at all
  }
}
