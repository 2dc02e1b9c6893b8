/**
 * A text message as a WebSocket client puts it on the wire, in one piece of memory (RFC 6455, sections 5.2 and 5.3). A room says
 * little at a time and, while it learns the clock, says it up to a hundred times a second: `ws` takes half as long again for it.
 */
import { randomFillSync } from 'node:crypto'
import { headerBytes, writeLength } from './frame-header.js'

/** FIN and the opcode of a text message. */
const wholeText = 0x81
const isMasked = 0x80
const maskBytes = 4

/** Masks nobody can foretell: an entry of the random pool is used once. Asking for each by itself costs more than the frame. */
const masks = Buffer.alloc(1024 * maskBytes)
let nextMask = masks.length

export function maskedText(text: string): Uint8Array {
  const length = Buffer.byteLength(text)
  const start = headerBytes(length) + maskBytes
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = wholeText
  writeLength(frame, length)
  frame[1]! |= isMasked
  if (nextMask === masks.length) {
    randomFillSync(masks)
    nextMask = 0
  }
  masks.copy(frame, start - maskBytes, nextMask, nextMask + maskBytes)
  nextMask += maskBytes
  frame.write(text, start)
  for (let i = 0; i < length; i++) frame[start + i]! ^= frame[start - maskBytes + (i & 3)]!
  return frame
}
