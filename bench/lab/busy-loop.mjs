// Loaded before the room's program: once a second its main thread does not come to its event loop for BUSY_MS, while it
// makes garbage by the ten megabytes, as a heavy collection or a slow disk would do to it.
import { isMainThread } from 'node:worker_threads'

const busyMs = Number(process.env.BUSY_MS)
if (isMainThread) {
  setInterval(() => {
    const until = performance.now() + busyMs
    while (performance.now() < until) Array.from({ length: 10_000 }, () => ({}))
  }, 1000).unref()
}
