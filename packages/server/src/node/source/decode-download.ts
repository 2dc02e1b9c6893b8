/** Decodes a file on the network as it is loaded, without ffmpeg. */
import { kindOf } from './audio-kind.js'
import { decodeBytes, skipTo } from './decode-bytes.js'
import type { HttpResponse } from './http-response.js'
import { chunksOf } from './readable-chunks.js'
import { SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

/** Enough to tell what it is. */
const headBytes = 64

export async function* decodeDownload(
  url: string,
  { body }: HttpResponse,
  fromMs: number,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  try {
    const chunks = chunksOf(body, signal)
    let head: Uint8Array = new Uint8Array(0)
    while (head.length < headBytes) {
      const chunk = await chunks.next()
      if (chunk.done) break
      head = Buffer.concat([head, chunk.value])
    }
    // MP3 files mostly begin with a tag, which the decoder passes over.
    const kind = Buffer.from(head).toString('latin1', 0, 3) === 'ID3' ? 'mp3' : kindOf(head)
    if (kind === undefined)
      throw new SourceProblem(url, 'is not MP3, AAC, FLAC, Ogg or WAV; install ffmpeg to play it.')
    async function* whole(): AsyncGenerator<Uint8Array> {
      yield head
      yield* chunks
    }
    yield* skipTo(fromMs, decodeBytes(url, kind, whole()))
  } finally {
    body.destroy()
  }
}
