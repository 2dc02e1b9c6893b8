/** The thread that plays a test tone: left, then right, a second each, in turns. Started by `playToneTest`. */
import { parentPort, workerData } from 'node:worker_threads'
import { AlsaOutput, LocalClock, soundCardBuffer } from '@tutti/client/node'
import type { HeardFrame } from './crystal-fit.js'
import { TestTone } from './test-tone.js'

export interface ToneRequest {
  readonly device: string
  readonly seconds: number
}

export type ToneReport =
  | {
      readonly sampleRate: number
      readonly channels: number
      readonly underruns: number
      readonly isRealTime: boolean
      /** Whether the card has a crystal: ALSA's `null` has none. */
      readonly hasClock: boolean
      /** What the card said, from one start to the next. */
      readonly runs: readonly (readonly HeardFrame[])[]
    }
  /** One line for people. */
  | { readonly problem: string }

const { device, seconds } = workerData as ToneRequest
const report = (what: ToneReport): void => parentPort!.postMessage(what)

try {
  const output = new AlsaOutput({ device, sampleRate: 48_000, channels: 2, ...soundCardBuffer }, new LocalClock())
  const { sampleRate, channels, isRealTime } = output
  const tone = new TestTone(sampleRate, seconds * sampleRate)
  const runs: HeardFrame[][] = []
  let frame = 0
  await new Promise<void>((resolve, reject) => {
    output.start((period, samples) => {
      if (period.restarted) {
        runs.push([])
        frame = 0
      }
      runs.at(-1)!.push({ frame, heardAtUs: period.heardAt })
      frame += period.frames
      tone.render(samples, period.frames)
      if (tone.isOver) resolve()
    }, reject)
  })
  await output.stop()
  const { underruns, hasClock } = output
  report({ sampleRate, channels, underruns, isRealTime, hasClock, runs })
} catch (error) {
  report({ problem: error instanceof Error ? error.message : String(error) })
}
