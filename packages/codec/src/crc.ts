/** The two checksums of a FLAC frame (RFC 9639 §9.1.8, §9.3): no reflection, start at zero, no final inversion. */

const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07))
const crc16Table = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte, 16, 0x8005))

/** Of bytes `from` to `to`; zero when they end in their own CRC-8. */
export function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = crc8Table[crc ^ bytes[i]!]!
  return crc
}

/** Of bytes `from` to `to`; zero when they end in their own CRC-16, even as several such stretches in a row. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ crc16Table[(crc >>> 8) ^ bytes[i]!]!
  return crc
}

function remainder(byte: number, width: number, polynomial: number): number {
  let crc = byte << (width - 8)
  for (let bit = 0; bit < 8; bit++) crc = crc & (1 << (width - 1)) ? (crc << 1) ^ polynomial : crc << 1
  return crc & (2 ** width - 1)
}
