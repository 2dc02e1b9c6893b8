/**
 * Binary messages as a WebSocket server puts them on the wire, one behind the other in one piece of memory. What many
 * peers are sent alike is put together once, because the sockets may all write from the same bytes.
 */

interface Joined {
  readonly frames: readonly Uint8Array[]
  readonly bytes: Uint8Array
}

/** FIN and the opcode of a binary message (RFC 6455, section 5.2). */
const wholeBinary = 0x82
const longestInByte = 125
const lengthInTwoBytes = 126
const lengthInEightBytes = 127

/** By the first of them; forgotten with it. */
const joinedBefore = new WeakMap<Uint8Array, Joined>()

/** The same bytes for the same frames, which must not change any more. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const first = frames[0]
  if (first === undefined) return new Uint8Array(0)
  const known = joinedBefore.get(first)
  if (known !== undefined && isSame(known.frames, frames)) return known.bytes
  const bytes = join(frames)
  joinedBefore.set(first, { frames, bytes })
  return bytes
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((frame, i) => frame === others[i])
}

function join(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((total, { length }) => total + headerBytes(length) + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const frame of frames) {
    const { length } = frame
    const header = headerBytes(length)
    bytes[at] = wholeBinary
    if (length <= longestInByte) bytes[at + 1] = length
    else if (header === 4) {
      bytes[at + 1] = lengthInTwoBytes
      view.setUint16(at + 2, length)
    } else {
      bytes[at + 1] = lengthInEightBytes
      view.setBigUint64(at + 2, BigInt(length))
    }
    bytes.set(frame, at + header)
    at += header + length
  }
  return bytes
}

function headerBytes(length: number): 2 | 4 | 10 {
  if (length <= longestInByte) return 2
  return length < 2 ** 16 ? 4 : 10
}
