/** One day of a soak in a thread of its own: tells after each simulated hour how far it is, and at the end its report. */
import { parentPort, workerData } from 'node:worker_threads'
import { type SoakReport, soak } from '../src/soak.js'
import type { SoakSettings } from '../src/soak-plan.js'

export type SoakNews =
  | { readonly type: 'at'; readonly hours: number }
  | { readonly type: 'done'; readonly report: SoakReport }

const tellEveryS = 3600

const report = soak(workerData as SoakSettings, (atS) => {
  if (atS % tellEveryS === 0) tell({ type: 'at', hours: atS / 3600 })
})
tell({ type: 'done', report })

function tell(news: SoakNews): void {
  parentPort!.postMessage(news)
}
