/** Decodes a file in this process, as it is read. */
import { createReadStream } from 'node:fs'
import type { AudioFile, AudioKind } from './audio-kind.js'
import { decodeBytes, skipTo } from './decode-bytes.js'
import { fileProblem } from './source-problem.js'
import { type Pcm, streamDecoders } from './stream-decoder.js'

/** Yields PCM from the frame at `fromMs` on: everything before it is decoded and dropped, which is exact. */
export function decodeFile(file: AudioFile, kind: AudioKind, fromMs: number, signal: AbortSignal): AsyncGenerator<Pcm> {
  return skipTo(fromMs, decodeBytes(file.path, kind, readChunks(file, streamDecoders[kind].chunkBytes, signal)))
}

async function* readChunks(file: AudioFile, chunkBytes: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = createReadStream(file.path, { start: file.start, highWaterMark: chunkBytes })
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw fileProblem(file.path, error)
  } finally {
    chunks.destroy()
  }
}
