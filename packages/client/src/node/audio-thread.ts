/**
 * Plays in a thread of its own, so that sound goes on while the main thread decodes, collects garbage or stalls. The
 * two share memory only: decoded audio and control go in, telemetry comes out, and neither side ever waits.
 */
import { Worker } from 'node:worker_threads'
import type { ServerUs } from '@tutti/clock'
import type { MediaRing } from '../media-ring.js'
import { SharedControl } from '../shared-control.js'
import { SharedRecord } from '../shared-record.js'
import { SharedTelemetry } from '../shared-telemetry.js'
import type { AudioThreadReport, AudioWorkerData } from './audio-worker.js'
import { type ClockSkew, noSkew } from './local-clock.js'
import { OutputError, type OutputFormat, type OutputSpec } from './outputs/open-output.js'

export interface AudioThreadSetup {
  readonly output: OutputSpec
  readonly format: OutputFormat
  /** Made by `MediaRing.allocate`. */
  readonly media: MediaRing
  /** Of what will be played, Hz; any unless given. */
  readonly highestMediaRate?: number
  /** That of the main thread's `LocalClock`; default none. */
  readonly skew?: ClockSkew
}

/** What was truly heard when, as only an output without real hardware can tell. */
export interface Hearing {
  /** Server time of the media; NaN when silent. */
  readonly heardServerAt: ServerUs
  /** When it left the speaker, by the machine's own clock, µs. */
  readonly trueHeardAtUs: number
}

export interface AudioThread {
  /** The device's nominal rate, Hz. */
  readonly sampleRate: number
  readonly channels: number
  /** For the session to write. */
  readonly control: SharedControl
  /** For the session to read. */
  readonly telemetry: SharedTelemetry
  /** The period last rendered; undefined before the first and on real hardware. */
  hearing(): Hearing | undefined
  /** Resolves when the device is closed and the thread gone. Safe to call twice. */
  stop(): Promise<void>
}

/** A thread that has not closed its device by then is ended by force. */
const stopPatienceMs = 2_000
const workerFile = new URL('./audio-worker.js', import.meta.url)

/**
 * @param onFailure called at most once, when the sound ends without `stop`
 * @throws OutputError if the output cannot be opened
 */
export async function startAudioThread(
  setup: AudioThreadSetup,
  onFailure: (error: Error) => void,
): Promise<AudioThread> {
  const workerData: AudioWorkerData = {
    output: setup.output,
    format: setup.format,
    highestMediaRate: setup.highestMediaRate,
    skew: setup.skew ?? noSkew,
    media: shared(setup.media.buffer),
    control: new SharedArrayBuffer(SharedControl.bytes),
    telemetry: new SharedArrayBuffer(SharedTelemetry.bytes),
    hearing: new SharedArrayBuffer(SharedRecord.bytes(2)),
  }
  const worker = new Worker(workerFile, { workerData, name: 'tutti-audio' })
  const { device, gone, disown } = watch(worker, onFailure)
  const { sampleRate, channels } = await device
  const hearing = new SharedRecord(workerData.hearing, 0, 2)
  return {
    sampleRate,
    channels,
    control: new SharedControl(workerData.control),
    telemetry: new SharedTelemetry(workerData.telemetry),
    hearing: () => {
      hearing.refresh()
      const [heardServerAt, trueHeardAtUs] = hearing.values as unknown as [ServerUs, number]
      return trueHeardAtUs === 0 ? undefined : { heardServerAt, trueHeardAtUs }
    },
    stop: async () => {
      disown()
      worker.postMessage('stop')
      const patience = setTimeout(() => void worker.terminate(), stopPatienceMs)
      await gone
      clearTimeout(patience)
    },
  }
}

type Opened = Extract<AudioThreadReport, { readonly type: 'opened' }>

interface Watch {
  /** Rejects when the output cannot be opened. */
  readonly device: Promise<Opened>
  /** The thread has ended. */
  readonly gone: Promise<void>
  /** From now on an end is no failure. */
  readonly disown: () => void
}

function watch(worker: Worker, onFailure: (error: Error) => void): Watch {
  let fail = onFailure
  const disown = (): void => {
    fail = () => {}
  }
  const failOnce = (error: Error): void => {
    const report = fail
    disown()
    report(error)
  }
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      failOnce(new OutputError('the audio thread has ended'))
      resolve()
    })
  })
  const device = new Promise<Opened>((resolve, reject) => {
    fail = reject
    worker.on('message', (report: AudioThreadReport) => {
      if (report.type === 'failed') failOnce(new OutputError(report.message))
      else {
        fail = onFailure
        resolve(report)
      }
    })
    worker.on('error', failOnce)
  })
  return { device, gone, disown }
}

function shared(buffer: ArrayBufferLike): SharedArrayBuffer {
  if (buffer instanceof SharedArrayBuffer) return buffer
  throw new TypeError('the media ring is not in shared memory')
}
