/** Decodes a file in this process, chunk by chunk: memory does not grow with its length. */
import { createReadStream } from 'node:fs'
import type { AudioFile, AudioKind } from './audio-kind.js'
import { fileProblem, firstLine, SourceProblem } from './source-problem.js'
import { type Pcm, streamDecoders } from './stream-decoder.js'

/** Yields PCM from the frame at `fromMs` on: everything before it is decoded and dropped, which is exact. */
export async function* decodeFile(
  file: AudioFile,
  kind: AudioKind,
  fromMs: number,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  let framesToDrop: number | undefined
  for await (const pcm of decodeAll(file, kind, signal)) {
    framesToDrop ??= Math.round((fromMs * pcm.sampleRate) / 1000)
    const length = pcm.channels[0]!.length
    const dropped = Math.min(framesToDrop, length)
    framesToDrop -= dropped
    if (dropped === 0) yield pcm
    else if (dropped < length) yield { ...pcm, channels: pcm.channels.map((samples) => samples.subarray(dropped)) }
  }
}

async function* decodeAll(file: AudioFile, kind: AudioKind, signal: AbortSignal): AsyncGenerator<Pcm> {
  const { create, chunkBytes } = streamDecoders[kind]
  const decoder = await create()
  const chunks = createReadStream(file.path, { start: file.start, highWaterMark: chunkBytes })
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return
      yield* await decoded(file, decoder.decode(chunk as Uint8Array))
    }
    yield* await decoded(file, decoder.finish())
  } catch (error) {
    throw fileProblem(file.path, error)
  } finally {
    chunks.destroy()
    decoder.free()
  }
}

async function decoded(file: AudioFile, pcm: Promise<readonly Pcm[]>): Promise<readonly Pcm[]> {
  try {
    return await pcm
  } catch (error) {
    const problem = `cannot be decoded (${firstLine(error)}); check that it plays elsewhere, or install ffmpeg.`
    throw new SourceProblem(file.path, problem, { cause: error })
  }
}
