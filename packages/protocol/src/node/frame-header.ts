/** How long a frame's header is, and the length it says (RFC 6455, section 5.2). */

const longestInByte = 125
const lengthInTwoBytes = 126
const lengthInEightBytes = 127

/** Bytes before the mask or the payload of a frame whose payload has `length` bytes. */
export function headerBytes(length: number): 2 | 4 | 10 {
  if (length <= longestInByte) return 2
  return length < 2 ** 16 ? 4 : 10
}

/** Writes `length` into the header that begins at byte `at`, all but its first byte. */
export function writeLength(bytes: Uint8Array, length: number, at = 0): void {
  const header = headerBytes(length)
  if (header === 2) {
    bytes[at + 1] = length
    return
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, header)
  bytes[at + 1] = header === 4 ? lengthInTwoBytes : lengthInEightBytes
  if (header === 4) view.setUint16(2, length)
  else view.setBigUint64(2, BigInt(length))
}
