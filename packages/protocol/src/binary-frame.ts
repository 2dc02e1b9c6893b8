/** Binary frames: one byte that says what it is, a timestamp, and bytes that mean something to a role. */
import type { ServerUs } from '@tutti/clock'
import type { AudioChunk } from './audio-chunk.js'
import { type Violation, violation } from './violation.js'

/** Sendspin, "Binary Message ID Structure": the player has 4 to 7 but uses only 4; each artwork channel has one. */
const audioId = 4
const firstArtworkId = 8
const artworkChannels = 4
const timestampEnd = 9
const uint32 = 2 ** 32

/** Bytes of an audio frame before the codec's own: with 13, four of them say how far ahead it was sent. */
export type AudioHeaderBytes = 9 | 13

export interface ArtworkImage {
  /** 0 to 3. */
  readonly channel: number
  /** When to show it, on the server's clock. */
  readonly timestamp: ServerUs
  /** JPEG, PNG or BMP, whole; empty clears the channel. */
  readonly bytes: Uint8Array
}

export type BinaryItem =
  | { readonly kind: 'audio'; readonly chunk: AudioChunk }
  | { readonly kind: 'artwork'; readonly image: ArtworkImage }

/** With `sendAheadUs`, the time from sending to the timestamp, the header has 13 bytes, else 9. */
export function encodeAudio(chunk: AudioChunk, sendAheadUs?: number): Uint8Array {
  if (sendAheadUs === undefined) return withHeader(audioId, chunk.timestamp, 9, chunk.payload)
  const frame = withHeader(audioId, chunk.timestamp, 13, chunk.payload)
  view(frame).setUint32(timestampEnd, Math.min(Math.max(Math.round(sendAheadUs), 0), uint32 - 1))
  return frame
}

export function encodeArtwork({ channel, timestamp, bytes }: ArtworkImage): Uint8Array {
  return withHeader(firstArtworkId + channel, timestamp, timestampEnd, bytes)
}

/** Payloads are views into `frame`, not copies. */
export function decodeBinary(frame: Uint8Array, audioHeaderBytes: AudioHeaderBytes): BinaryItem | Violation {
  const id = frame[0]
  if (id === undefined) return violation('binary-too-short', 'an empty binary frame')
  const isArtwork = id >= firstArtworkId && id < firstArtworkId + artworkChannels
  if (id !== audioId && !isArtwork) return violation('unknown-binary', `id ${id}`)

  const shortest = isArtwork ? timestampEnd : audioHeaderBytes + 1
  if (frame.length < shortest) return violation('binary-too-short', `id ${id}: ${frame.length} of ${shortest} bytes`)
  const timestamp = readTimestamp(frame)
  if (timestamp === undefined) return violation('invalid-timestamp', `id ${id}`)

  return isArtwork
    ? { kind: 'artwork', image: { channel: id - firstArtworkId, timestamp, bytes: frame.subarray(timestampEnd) } }
    : { kind: 'audio', chunk: { timestamp, payload: frame.subarray(audioHeaderBytes) } }
}

function withHeader(id: number, timestamp: ServerUs, headerBytes: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerBytes + body.length)
  frame[0] = id
  view(frame).setInt32(1, Math.floor(timestamp / uint32)) // int64, big-endian, in two halves: no BigInt to allocate
  view(frame).setUint32(5, timestamp >>> 0)
  frame.set(body, headerBytes)
  return frame
}

/** Undefined when a double cannot hold it to the microsecond. */
function readTimestamp(frame: Uint8Array): ServerUs | undefined {
  const timestamp = view(frame).getInt32(1) * uint32 + view(frame).getUint32(5)
  return Number.isSafeInteger(timestamp) ? (timestamp as ServerUs) : undefined
}

function view(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
}
