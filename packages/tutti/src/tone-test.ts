/** Plays a test tone on a sound card, in a thread of its own as a room would, and measures the card meanwhile. */
import { Worker } from 'node:worker_threads'
import { Complaint } from './complaint.js'
import { type CrystalSpeed, fitCrystal } from './crystal-fit.js'
import type { ToneReport, ToneRequest } from './tone-thread.js'

export interface ToneTest {
  readonly device: string
  readonly seconds: number
  readonly sampleRate: number
  readonly channels: number
  readonly underruns: number
  /** Undefined when it has none, or underruns left no second without. */
  readonly crystal: CrystalSpeed | undefined
  /** Whether the thread was given real-time priority. */
  readonly isRealTime: boolean
}

const threadFile = new URL('./tone-thread.js', import.meta.url)

/** Rejects with a Complaint when the card cannot be opened or goes away. */
export async function playToneTest(device: string, seconds: number): Promise<ToneTest> {
  const request: ToneRequest = { device, seconds }
  const worker = new Worker(threadFile, { workerData: request, name: 'tutti-audio' })
  const report = await new Promise<ToneReport>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  if ('problem' in report) throw new Complaint(report.problem)
  const { runs, hasClock, ...facts } = report
  const longest = runs.toSorted((a, b) => b.length - a.length)[0] ?? []
  return { device, seconds, ...facts, crystal: hasClock ? fitCrystal(longest, report.sampleRate) : undefined }
}
