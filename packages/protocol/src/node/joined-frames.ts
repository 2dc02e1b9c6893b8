/**
 * Binary messages as a WebSocket server puts them on the wire, one behind the other in one piece of memory. What many
 * peers are sent alike is put together once, because the sockets may all write from the same bytes.
 */

import { headerBytes, writeLength } from './frame-header.js'

interface Joined {
  readonly frames: readonly Uint8Array[]
  readonly bytes: Uint8Array
}

/** FIN and the opcode of a binary message (RFC 6455, section 5.2). */
const wholeBinary = 0x82

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
  let at = 0
  for (const frame of frames) {
    const { length } = frame
    const header = headerBytes(length)
    bytes[at] = wholeBinary
    writeLength(bytes, length, at)
    bytes.set(frame, at + header)
    at += header + length
  }
  return bytes
}
