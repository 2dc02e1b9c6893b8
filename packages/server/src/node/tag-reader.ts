/**
 * Reads titles and lengths of queued files before they are played, for whoever looks at the queue. One file after the
 * other with rests between them, so that clock replies and audio go first; of a large collection only the first few
 * hundred, the others when they are played.
 */
import { stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { parseLocation } from '../location.js'
import type { TrackFacts } from '../queue.js'
import { readTags } from './source/read-tags.js'

export interface QueuedTrack {
  /** Id of its entry. */
  readonly entry: string
  readonly location: string
}

const mostWaiting = 300
const restMs = 10
/** What has been read is told together, every so many files: each telling sends the queue to every page. */
const toldTogether = 50

export class TagReader {
  readonly #tell: (facts: ReadonlyMap<string, TrackFacts>) => void
  readonly #waiting: QueuedTrack[] = []
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(tell: (facts: ReadonlyMap<string, TrackFacts>) => void) {
    this.#tell = tell
  }

  read(tracks: readonly QueuedTrack[]): void {
    const files = tracks.filter(({ location }) => parseLocation(location).kind === 'file')
    this.#waiting.push(...files.slice(0, mostWaiting - this.#waiting.length))
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when no file is open any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const facts = new Map<string, TrackFacts>()
      for (const { entry, location } of this.#waiting.splice(0, toldTogether)) {
        if (this.#isStopped) return
        const known = await readFacts(location)
        if (known !== undefined) facts.set(entry, known)
        await setTimeout(restMs)
      }
      if (facts.size > 0 && !this.#isStopped) this.#tell(facts)
    }
  }
}

/** Undefined when the file says nothing. */
async function readFacts(path: string): Promise<TrackFacts | undefined> {
  const about = await stat(path).catch(() => undefined) // opening it will say what is wrong
  if (about?.isFile() !== true) return undefined // a pipe would be emptied, or waited for
  const { tags, durationMs } = await readTags(path, { skipCovers: true })
  if (durationMs === undefined && Object.keys(tags).length === 0) return undefined
  return { tags, ...(durationMs === undefined ? {} : { durationMs }) }
}
