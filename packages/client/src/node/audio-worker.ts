/** The audio thread itself: opens the output and lets a `Speaker` fill its periods. Started by `startAudioThread`. */
import { parentPort, workerData } from 'node:worker_threads'
import { MediaRing } from '../media-ring.js'
import { Renderer } from '../renderer.js'
import { leastQueueUs } from '../session-buffer.js'
import { SharedControl } from '../shared-control.js'
import { SharedRecord } from '../shared-record.js'
import { SharedTelemetry } from '../shared-telemetry.js'
import { Speaker } from '../speaker.js'
import { type ClockSkew, LocalClock } from './local-clock.js'
import { type OutputFormat, type OutputSpec, openOutput } from './outputs/open-output.js'

export interface AudioWorkerData {
  readonly output: OutputSpec
  readonly format: OutputFormat
  readonly highestMediaRate: number | undefined
  readonly skew: ClockSkew
  readonly media: SharedArrayBuffer
  readonly control: SharedArrayBuffer
  readonly telemetry: SharedArrayBuffer
  /** Two numbers: server time of the media heard, and when that truly is. */
  readonly hearing: SharedArrayBuffer
}

export type AudioThreadReport =
  | { readonly type: 'opened'; readonly sampleRate: number; readonly channels: number }
  /** Instead of `opened`, or once after it. */
  | { readonly type: 'failed'; readonly message: string }

const data = workerData as AudioWorkerData
const main = parentPort!
const report = (message: AudioThreadReport): void => main.postMessage(message)
const fail = (error: unknown): void => {
  report({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  main.close()
}

const media = MediaRing.attach(data.media)
const control = new SharedControl(data.control)
const telemetry = new SharedTelemetry(data.telemetry)
const hearing = new SharedRecord(data.hearing, 0, 2)

try {
  const output = await openOutput(data.output, data.format, new LocalClock(data.skew), (trueHeardAtUs) => {
    hearing.values[1] = trueHeardAtUs
    hearing.publish()
  })
  let heldMs: number | undefined
  const speaker = new Speaker({
    sampleRate: output.sampleRate,
    media,
    renderer: new Renderer(media, output, data.highestMediaRate),
    readControl: () => {
      const latest = control.read()
      if (latest.queueMs !== undefined && latest.queueMs !== heldMs) {
        heldMs = latest.queueMs
        output.hold?.(heldMs)
      }
      return latest
    },
    writeTelemetry: (latest) => {
      telemetry.write(latest)
      hearing.values[0] = latest.heardServerAt
    },
  })
  main.once('message', () => {
    void output
      .stop()
      .catch(fail)
      .finally(() => main.close())
  })
  // Before the session says more: how much is held while all is silent is what it reckons with.
  output.hold?.(leastQueueUs / 1000)
  output.putOff?.((frames) => speaker.lacks(frames))
  report({ type: 'opened', sampleRate: output.sampleRate, channels: output.channels })
  output.start((period, channels) => speaker.render(period, channels), fail)
} catch (error) {
  fail(error)
}
