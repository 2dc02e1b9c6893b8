/** A stream's chunks until it ends or is no longer wanted; unlike its own iterator, leaves it whole for another reader. */
import type { Readable } from 'node:stream'

/** Rejects when the stream breaks. */
export async function* chunksOf(input: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  while (!signal.aborted) {
    const chunk: Uint8Array | null = input.read()
    if (chunk !== null) yield chunk
    else if (input.errored) throw input.errored
    else if (input.readableEnded || input.destroyed) return
    else await somethingNew(input, signal)
  }
}

function somethingNew(input: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'] as const
    const done = (): void => {
      for (const event of events) input.off(event, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const event of events) input.on(event, done)
    signal.addEventListener('abort', done)
  })
}
