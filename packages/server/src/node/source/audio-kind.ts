/** What a file holds, by its first bytes: extensions lie. */
import { type FileHandle, open } from 'node:fs/promises'
import { fileProblem, SourceProblem } from './source-problem.js'

export type AudioKind = 'mp3' | 'flac' | 'opus' | 'vorbis' | 'wav' | 'm4a' | 'aac'

export interface AudioFile {
  readonly path: string
  readonly sizeBytes: number
  /** Undefined when it is none of those we know by sight. */
  readonly kind: AudioKind | undefined
  /** Where the audio container begins, after any ID3v2 tag. */
  readonly start: number
  /** The container's first bytes, 64 KiB at most. */
  readonly head: Uint8Array
}

const headBytes = 65_536
const id3HeaderBytes = 10

/** Rejects with a SourceProblem when there is nothing to read. */
export async function inspectFile(path: string): Promise<AudioFile> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const stat = await file.stat()
    if (stat.isDirectory()) throw new SourceProblem(path, 'is a directory; give a file.')
    if (!stat.isFile()) throw new SourceProblem(path, 'is not a regular file; give a file.')
    if (stat.size === 0) throw new SourceProblem(path, 'is empty (0 bytes); copy it again.')
    const start = id3Length(await readAt(file, 0, id3HeaderBytes))
    const head = await readAt(file, start, headBytes)
    return { path, sizeBytes: stat.size, kind: kindOf(head), start, head }
  } catch (error) {
    throw fileProblem(path, error)
  } finally {
    await file?.close()
  }
}

interface Signature {
  readonly kind: AudioKind
  readonly matches: (head: Uint8Array) => boolean
}

/** Ogg's first page has a 27-byte header and one segment, then the codec names itself (RFC 3533 §6). */
const oggPayload = 28

const signatures: readonly Signature[] = [
  { kind: 'flac', matches: (head) => has(head, 0, 'fLaC') },
  { kind: 'opus', matches: (head) => has(head, 0, 'OggS') && has(head, oggPayload, 'OpusHead') },
  { kind: 'vorbis', matches: (head) => has(head, 0, 'OggS') && has(head, oggPayload, '\x01vorbis') },
  { kind: 'wav', matches: (head) => has(head, 0, 'RIFF') && has(head, 8, 'WAVE') },
  { kind: 'm4a', matches: (head) => has(head, 4, 'ftyp') },
  { kind: 'mp3', matches: isMp3 },
  { kind: 'aac', matches: isAdts },
]

export function kindOf(head: Uint8Array): AudioKind | undefined {
  return signatures.find(({ matches }) => matches(head))?.kind
}

/** A frame header is eleven ones, a version, layer III, and a bit rate and sample rate that exist (ISO 11172-3 §2.4.2.3). */
function isMp3(head: Uint8Array): boolean {
  const [sync, version, rates] = head
  if (sync !== 0xff || version === undefined || rates === undefined) return false
  const isLayer3 = (version & 0b1110_0110) === 0b1110_0010 && (version & 0b0001_1000) !== 0b0000_1000
  return isLayer3 && rates >> 4 !== 0 && rates >> 4 !== 15 && (rates & 0b1100) !== 0b1100
}

/** AAC with a header on each frame: twelve ones, a layer of 0, a sample rate that exists (ISO 13818-7 §6.2). */
function isAdts(head: Uint8Array): boolean {
  const [sync, layer, rate] = head
  if (sync !== 0xff || layer === undefined || rate === undefined) return false
  return (layer & 0b1111_0110) === 0b1111_0000 && ((rate >> 2) & 0b1111) < 13
}

/** Bytes that an ID3v2 tag takes at the beginning: its size is in four times seven bits (ID3v2.4 §3.1). */
function id3Length(head: Uint8Array): number {
  if (!has(head, 0, 'ID3') || head.length < id3HeaderBytes) return 0
  const size = (head[6]! << 21) | (head[7]! << 14) | (head[8]! << 7) | head[9]!
  const footer = head[5]! & 0x10 ? id3HeaderBytes : 0
  return id3HeaderBytes + size + footer
}

function has(head: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[at + i] !== text.charCodeAt(i)) return false
  return true
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
