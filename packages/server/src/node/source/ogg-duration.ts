/** How long an Ogg file lasts: its last page says where it ends (RFC 3533 §6), without reading what lies between. */
import { open } from 'node:fs/promises'
import type { AudioFile } from './audio-kind.js'

/** No page is longer than 65 307 bytes. */
const tailBytes = 65_536
const granuleOffset = 6

/** Undefined when `file` is neither Ogg Opus nor Ogg Vorbis, or its end is damaged. */
export async function oggDurationMs(file: AudioFile): Promise<number | undefined> {
  if (file.kind !== 'opus' && file.kind !== 'vorbis') return undefined
  const tail = await readTail(file)
  const page = tail.lastIndexOf('OggS', undefined, 'latin1')
  if (page === -1 || page + granuleOffset + 8 > tail.length) return undefined
  const endFrame = Number(tail.readBigInt64LE(page + granuleOffset))
  const head = Buffer.from(file.head.buffer, file.head.byteOffset, file.head.byteLength)
  // The first packet begins at byte 28: OpusHead (RFC 7845 §5.1), or a Vorbis identification header (Vorbis I §4.2.2).
  const [firstFrame, sampleRate] = file.kind === 'opus' ? [head.readUInt16LE(38), 48_000] : [0, head.readUInt32LE(40)]
  const durationMs = ((endFrame - firstFrame) * 1000) / sampleRate
  return durationMs >= 0 && Number.isFinite(durationMs) ? durationMs : undefined
}

async function readTail({ path, sizeBytes }: AudioFile): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(tailBytes),
      0,
      tailBytes,
      Math.max(0, sizeBytes - tailBytes),
    )
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
