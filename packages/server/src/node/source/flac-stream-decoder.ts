/** Native FLAC as it is read: metadata passed over, frames decoded one by one, nothing lost at the end. */
import { decodeFlacFrame, type FlacFrame, flacHeaderBytes, readStreamInfo, type StreamInfo } from '@tutti/codec'
import type { Pcm, StreamDecoder } from './stream-decoder.js'

/** `fLaC`, then metadata blocks, each with a last-block flag, a type and three bytes of length (RFC 9639 §8.1). */
const markerBytes = 4
const blockHeaderBytes = 4
const lastBlockFlag = 0x80

/** More than the headers and footer of any frame. */
const frameOverheadBytes = 1024
const maxBitDepth = 24

export function createFlacStreamDecoder(): StreamDecoder {
  let pending: Uint8Array = new Uint8Array(0)
  let info: StreamInfo | undefined
  let bytesToPass = markerBytes
  let isLastBlock = false

  /** True once `pending` begins with a frame. */
  function passMetadata(): boolean {
    for (;;) {
      const passed = Math.min(bytesToPass, pending.length)
      bytesToPass -= passed
      pending = pending.subarray(passed)
      if (bytesToPass > 0) return false
      if (isLastBlock) return true
      if (pending.length < blockHeaderBytes) return false
      isLastBlock = (pending[0]! & lastBlockFlag) !== 0
      bytesToPass = blockHeaderBytes + ((pending[1]! << 16) | (pending[2]! << 8) | pending[3]!)
    }
  }

  function takeFrames(stream: StreamInfo): readonly Pcm[] {
    // A frame larger than its own samples does not exist; one that seems so is damaged, not incomplete.
    const maxFrameBytes = stream.maxBlockFrames * stream.channels * 4 + frameOverheadBytes
    const pcm: Pcm[] = []
    let at = 0
    while (at < pending.length) {
      const frame = decodeFlacFrame(pending, at, stream)
      if (frame === 'cut short' && pending.length - at < maxFrameBytes) break
      if (typeof frame === 'string') at = nextSync(pending, at + 1)
      else {
        pcm.push(toPcm(frame))
        at = frame.end
      }
    }
    pending = pending.slice(at) // a copy: the rest of the chunk may go
    return pcm
  }

  return {
    async decode(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      if (info === undefined) {
        if (pending.length < flacHeaderBytes) return []
        info = checked(readStreamInfo(pending))
      }
      return passMetadata() ? takeFrames(info) : []
    },
    finish: async () => [],
    free() {
      pending = new Uint8Array(0)
    },
  }
}

function checked(info: StreamInfo | undefined): StreamInfo {
  if (info === undefined) throw new Error('its FLAC header is damaged')
  if (info.bitDepth > maxBitDepth) throw new Error(`FLAC of ${info.bitDepth} bits needs ffmpeg`)
  return info
}

/** The next place from `at` that may begin a frame: fourteen ones and a zero. */
function nextSync(bytes: Uint8Array, at: number): number {
  let found = bytes.indexOf(0xff, at)
  while (found !== -1 && found + 1 < bytes.length && (bytes[found + 1]! & 0b1111_1110) !== 0b1111_1000) {
    found = bytes.indexOf(0xff, found + 1)
  }
  return found === -1 ? bytes.length : found
}

function toPcm({ samples, sampleRate, bitDepth }: FlacFrame): Pcm {
  return { sampleRate, channels: samples.map((integers) => scaled(integers, 2 ** (1 - bitDepth))) }
}

/** `Float32Array.from` with a function would take three times as long as all of the decoding. */
function scaled(integers: Int32Array, step: number): Float32Array {
  const samples = new Float32Array(integers.length)
  for (let i = 0; i < samples.length; i++) samples[i] = integers[i]! * step
  return samples
}
