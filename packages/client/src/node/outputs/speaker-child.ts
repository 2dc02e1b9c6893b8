/** Runs the package `speaker` in a process of its own, because it aborts the process when there is no device. */
import type { Writable } from 'node:stream'
import { hrtimeUs } from '../local-clock.js'

/** First message to the child; those after it are chunks of interleaved 16-bit samples. */
export interface SpeakerRequest {
  /** What to import: `speaker`, or something that behaves like it. */
  readonly module: string
  readonly sampleRate: number
  readonly channels: number
}

export type SpeakerReport =
  | { readonly type: 'opened' }
  /** The device has taken one more chunk. */
  | { readonly type: 'taken'; readonly atUs: number }
  | { readonly type: 'failed'; readonly message: string }

type SpeakerConstructor = new (options: {
  readonly sampleRate: number
  readonly channels: number
  readonly bitDepth: number
}) => Writable

const send = (report: SpeakerReport): void => void process.send?.(report)
const fail = (error: unknown): void => send({ type: 'failed', message: (error as Error)?.message ?? String(error) })

process.once('message', async (request: SpeakerRequest) => {
  try {
    const { default: Speaker } = (await import(request.module)) as { default: SpeakerConstructor }
    const speaker = new Speaker({ sampleRate: request.sampleRate, channels: request.channels, bitDepth: 16 })
    speaker.on('error', fail)
    process.on('message', (chunk: Uint8Array) => {
      speaker.write(chunk, (error) => {
        if (!error) send({ type: 'taken', atUs: hrtimeUs() })
      })
    })
    send({ type: 'opened' })
  } catch (error) {
    fail(error)
  }
})
process.once('disconnect', () => process.exit())
