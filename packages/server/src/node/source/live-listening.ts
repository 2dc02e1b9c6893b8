/** Listens to what happens now for as long as it is worth it: where it breaks off, again, after longer and longer pauses. */
import type { Clock, ServerUs } from '@tutti/clock'
import type { LiveWait } from './live-wait.js'
import { firstLine, SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

/** What can be listened to. */
export interface Listenable {
  /** For messages. */
  readonly location: string
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Yields what comes until there is no more, or `signal` aborts; called again after an end unless `isOverAtEnd`. */
  listen(signal: AbortSignal): AsyncIterable<Pcm>
  /** What an end means: that there is no more, or that it is to be listened to anew. */
  readonly isOverAtEnd: boolean
  /** Told, in one line, when the source went away and is waited for. */
  readonly onProblem: (problem: string) => void
}

/** Who takes what is heard. */
export interface ListeningPort {
  /** `at` is when it came; no more is taken from the source until this is done. */
  take(pcm: Pcm, at: ServerUs): Promise<void>
  /** Nothing more will come; `failure` where that is not how it should end. */
  completed(failure: SourceProblem | undefined): void
}

/** Pauses between attempts, doubling from the least to the most. */
const leastPauseUs = 500_000
const mostPauseUs = 30_000_000
/** Attempts in a row that gave nothing, until the source is given up; about a minute and a half. */
const mostAttempts = 8
/** A source that gave something for this long is no failed attempt. */
const soundUs = 10_000_000
/** Nor is one that was there for this long: a program may have waited for somebody to play something. */
const patientUs = 60_000_000

export class LiveListening {
  readonly #source: Listenable
  readonly #clock: Clock<ServerUs>
  readonly #wait: Pick<LiveWait, 'sleep'>
  readonly #port: ListeningPort
  #lastAt: ServerUs

  constructor(source: Listenable, clock: Clock<ServerUs>, wait: Pick<LiveWait, 'sleep'>, port: ListeningPort) {
    this.#source = source
    this.#clock = clock
    this.#wait = wait
    this.#port = port
    this.#lastAt = clock.now()
  }

  /** When something came last, or listening began anew. */
  get lastAt(): ServerUs {
    return this.#lastAt
  }

  /** Ends with the source, or once `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { location, isOverAtEnd, onProblem } = this.#source
    for (let attempts = 0; !signal.aborted; ) {
      const startedAt = this.#clock.now()
      this.#lastAt = startedAt
      const problem = await this.#listen(signal)
      if (signal.aborted) return
      const wasSound = this.#lastAt - startedAt > soundUs || this.#clock.now() - startedAt > patientUs
      attempts = wasSound ? 1 : attempts + 1
      if (isOverAtEnd || attempts > mostAttempts) {
        this.#port.completed(isOverAtEnd ? problem : (problem ?? new SourceProblem(location, 'ends again and again.')))
        return
      }
      if (attempts === 1) onProblem(`${problem?.message ?? `${location}: ended.`} Waiting for it to come back.`)
      await this.#wait.sleep(Math.min(leastPauseUs * 2 ** (attempts - 1), mostPauseUs))
    }
  }

  async #listen(signal: AbortSignal): Promise<SourceProblem | undefined> {
    try {
      for await (const pcm of this.#source.listen(signal)) {
        if (signal.aborted) return undefined
        this.#check(pcm)
        this.#lastAt = this.#clock.now()
        await this.#port.take(pcm, this.#lastAt)
      }
      return undefined
    } catch (error) {
      return error instanceof SourceProblem
        ? error
        : new SourceProblem(this.#source.location, `breaks off (${firstLine(error)}).`)
    }
  }

  #check({ channels, sampleRate }: Pcm): void {
    const { location, sampleRate: promisedRate, channels: promisedChannels } = this.#source
    if (sampleRate === promisedRate && channels.length >= promisedChannels) return
    const change = `${promisedRate} Hz, ${promisedChannels} channels to ${sampleRate} Hz, ${channels.length} channels`
    throw new SourceProblem(location, `changes from ${change}; add it again.`)
  }
}
