/** Decodes bytes in this process as they come: memory does not grow with their number. */
import type { AudioKind } from './audio-kind.js'
import { firstLine, SourceProblem } from './source-problem.js'
import { type Pcm, streamDecoders } from './stream-decoder.js'

/** `location` is for messages. Ends when the bytes do. */
export async function* decodeBytes(
  location: string,
  kind: AudioKind,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Pcm> {
  const { create, chunkBytes } = streamDecoders[kind]
  const decoder = await create()
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += chunkBytes) {
        yield* await named(location, decoder.decode(chunk.subarray(at, at + chunkBytes)))
      }
    }
    yield* await named(location, decoder.finish())
  } finally {
    decoder.free()
  }
}

/** Drops everything before the frame at `fromMs`, which is exact. */
export async function* skipTo(fromMs: number, decoding: AsyncIterable<Pcm>): AsyncGenerator<Pcm> {
  let framesToDrop: number | undefined
  for await (const pcm of decoding) {
    framesToDrop ??= Math.round((fromMs * pcm.sampleRate) / 1000)
    const length = pcm.channels[0]!.length
    const dropped = Math.min(framesToDrop, length)
    framesToDrop -= dropped
    if (dropped === 0) yield pcm
    else if (dropped < length) yield { ...pcm, channels: pcm.channels.map((samples) => samples.subarray(dropped)) }
  }
}

async function named(location: string, decoded: Promise<readonly Pcm[]>): Promise<readonly Pcm[]> {
  try {
    return await decoded
  } catch (error) {
    const problem = `cannot be decoded (${firstLine(error)}); check that it plays elsewhere, or install ffmpeg.`
    throw new SourceProblem(location, problem, { cause: error })
  }
}
