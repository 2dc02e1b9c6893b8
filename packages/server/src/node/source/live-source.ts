/**
 * An AudioSource over something that happens now. What comes is re-clocked; what is read is given at the pace of the
 * server's clock, from the first read on, whatever the source does: where it has nothing, there is silence in step.
 */
import { setImmediate } from 'node:timers/promises'
import { type Clock, type ServerUs, shift, type Timers } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import type { AudioSource, TrackTags } from '../../audio-source.js'
import { PaceDetector } from '../../live-pace.js'
import { LiveReclock, settleUs } from '../../live-reclock.js'
import { firstLine, SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

export interface LiveFeed {
  /** For messages. */
  readonly location: string
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Audio held between arrival and timeline, in ms; the most that is waited for, of what is given as it comes. */
  readonly latencyMs: number
  /** To be given as it comes, and not held but for what its lumps need. */
  readonly isAsItComes?: boolean
  /** Bytes a second of a source that may leave the pace to its reader; undefined for one that never does. */
  readonly bytesPerS: number | undefined
  /** Yields what comes until there is no more, or `signal` aborts; called again after an end unless `isOver`. */
  listen(signal: AbortSignal): AsyncIterable<Pcm>
  /** What an end means: that there is no more, or that it is to be listened to anew. */
  readonly isOverAtEnd: boolean
  /** What is on now. */
  readonly tags: () => TrackTags
  /** Told, in one line, when the source went away and is waited for. */
  readonly onProblem: (problem: string) => void
}

/** The world a live source is in: the server's clock, and timers by it. */
export interface LiveTime {
  readonly clock: Clock<ServerUs>
  readonly timers: Timers<ServerUs>
}

/** Every block waits for its last frame: short ones keep what is live near. A wake-up costs 50 µs, 1 % of a core. */
const blocksPerSecond = 200
/**
 * What comes is given on as it came, but no more than this at a time, ms: those that follow wait for the whole of a block. And no
 * less: each is a packet of its own.
 */
const [mostGivenMs, leastGivenMs] = [10, 2.5]
/** Of lumps longer than that the rest follows at its own pace. This much before its time, µs, is early enough. */
const earlyUs = 2_000
/**
 * What is late is waited for this long, where it is held: what follows has reserves of its own, for everything that comes late, and
 * half of the least of them is more than this.
 */
const patienceUs = 10_000
/**
 * A reader later than this has been stood in for: live groups fill with silence what comes too late, and go on with
 * what comes in its own time again. What was due then is left out, or the source would stay late for good.
 */
const mostLateUs = 250_000
/** What a station sends at once to begin with is cut to what is to be held; more than this is not looked at. */
const burstMs = 2000
/** Read from a pipe at once, at most. */
const chunkBytes = 65_536
/** Pauses between attempts, doubling from the least to the most. */
const leastPauseUs = 500_000
const mostPauseUs = 30_000_000
/** Attempts in a row that gave nothing, until the source is given up; about a minute and a half. */
const mostAttempts = 8
/** A source that gave something for this long is no failed attempt. */
const soundUs = 10_000_000
/** Nor is one that was there for this long: a program may have waited for somebody to play something. */
const patientUs = 60_000_000

export function createLiveSource(feed: LiveFeed, time: LiveTime): AudioSource {
  return new LiveSource(feed, time)
}

class LiveSource implements AudioSource {
  readonly sampleRate: number
  readonly channels: number
  readonly durationMs = undefined
  readonly #feed: LiveFeed
  readonly #time: LiveTime
  readonly #reclock: LiveReclock
  readonly #pace: PaceDetector | undefined
  readonly #abort = new AbortController()
  readonly #pumping: Promise<void>
  /** When frame 0 was due; undefined before the first read. */
  #originAt: ServerUs | undefined
  #frames = 0
  #playedFrames = 0
  #underruns = 0
  /** Nothing more will come, so there is nothing to follow. */
  #isComplete = false
  #failure: SourceProblem | undefined
  /** When something came last. */
  #lastAt: ServerUs
  /** Ends a reader's wait for what is late. */
  #takeArrival: (() => void) | undefined
  /** Ends the pump's wait for room. */
  #makeRoom: (() => void) | undefined

  constructor(feed: LiveFeed, time: LiveTime) {
    const { sampleRate, channels, latencyMs, isAsItComes = false, bytesPerS } = feed
    this.sampleRate = sampleRate
    this.channels = channels
    this.#feed = feed
    this.#time = time
    this.#lastAt = time.clock.now()
    this.#pace = bytesPerS === undefined ? undefined : new PaceDetector(bytesPerS, latencyMs)
    // Nothing of a source that waits for us may be lost before it is known for one.
    const spareMs = bytesPerS === undefined ? burstMs : this.#pace!.mostAheadMs + (2 * chunkBytes * 1000) / bytesPerS
    this.#reclock = new LiveReclock({
      sampleRate,
      channels,
      targetMs: latencyMs,
      isAsItComes,
      capacityMs: 2 * latencyMs + spareMs,
    })
    this.#pumping = this.#pump()
  }

  get tags(): TrackTags {
    return this.#feed.tags()
  }

  get isHeld(): boolean {
    return !this.#reclock.isFollowing
  }

  async read(): Promise<AudioBuffer | undefined> {
    const { clock } = this.#time
    if (this.#reclock.isAsItComes) {
      const block = await this.#takeAsItComes()
      if (block !== undefined) return block
    }
    const frames = this.#feed.isAsItComes ? this.#framesOf(mostGivenMs) : Math.round(this.sampleRate / blocksPerSecond)
    const aheadUs = this.#catchUp(clock.now())
    if (aheadUs > 0 && !this.#isRunningOut) await this.#sleep(aheadUs)
    // Timers go before sockets: what came while this thread was busy is taken in first, or it would be missed.
    await setImmediate()
    if (this.#reclock.isFollowing && this.#reclock.lacks(frames)) await this.#arrival(frames, patienceUs)
    if (this.#feed.isAsItComes && this.#reclock.hasSettled(clock.now())) {
      const waitedFrames = await this.#lump()
      if (waitedFrames > 0) return this.#silence(waitedFrames)
    }
    if (this.#abort.signal.aborted) return undefined
    if (this.#reclock.isDrained) {
      if (this.#failure !== undefined) throw this.#failure
      return undefined
    }
    const block = this.#canTell(clock.now()) ? this.#pull(frames) : this.#silence(frames)
    this.#makeRoom?.()
    return block
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.#takeArrival?.()
    this.#makeRoom?.()
    await this.#pumping
  }

  /** The next of what comes, as soon as it has come; undefined when it does not, or there is to be no more. */
  async #takeAsItComes(): Promise<AudioBuffer | undefined> {
    const { clock } = this.#time
    const least = this.#framesOf(leastGivenMs)
    const aheadUs = this.#dueAt - earlyUs - clock.now()
    if (aheadUs > 0) await this.#sleep(aheadUs)
    if (this.#reclock.lacks(least)) await this.#arrival(least, this.#feed.latencyMs * 1000)
    if (this.#abort.signal.aborted || !this.#reclock.isAsItComes) return undefined
    if (this.#reclock.lacks(least)) {
      this.#setDue(clock.now()) // silence has stood in for it long since
      this.#reclock.pause()
      this.#noteUnderruns()
      return undefined
    }
    const { readyFrames } = this.#reclock
    const most = this.#framesOf(mostGivenMs)
    return this.#pull(readyFrames < most + least ? readyFrames : most)
  }

  #pull(frames: number): AudioBuffer {
    const block = this.#reclock.pull(frames, this.#dueAt)
    this.#frames += block.length
    if (this.#reclock.status.state === 'playing') this.#playedFrames += block.length
    this.#noteUnderruns()
    return block
  }

  /**
   * Waits a little for the next lump, because that is what it is to begin with. The result is how many frames have become due
   * meanwhile; 0 once a lump has just come.
   */
  async #lump(): Promise<number> {
    const { clock } = this.#time
    const quietUs = clock.now() - this.#lastAt
    const isSoon = quietUs > earlyUs && quietUs < settleUs
    if (!isSoon || this.#reclock.status.state === 'playing' || !this.#reclock.isFollowing) return 0
    const lastAt = this.#lastAt
    await this.#until(() => this.#lastAt !== lastAt, shift(this.#dueAt, mostGivenMs * 1000))
    return Math.max(0, Math.floor(((clock.now() - this.#dueAt) * this.sampleRate) / 1e6))
  }

  /** The next frame is due at `at`. */
  #setDue(at: ServerUs): void {
    this.#originAt = shift(this.#originAt!, at - this.#dueAt)
  }

  #framesOf(ms: number): number {
    return Math.round((ms * this.sampleRate) / 1000)
  }

  /** Waits for enough of what is late, but not for longer than it may be. */
  #arrival(frames: number, mostLateUs: number): Promise<void> {
    return this.#until(() => this.#isComplete || !this.#reclock.lacks(frames), shift(this.#dueAt, mostLateUs))
  }

  /** Looks at every arrival whether it is the one that is waited for, until `untilAt`. */
  async #until(isThere: () => boolean, untilAt: ServerUs): Promise<void> {
    const { clock, timers } = this.#time
    let isTooLate = clock.now() >= untilAt
    const cancel = timers.wakeAt(untilAt, () => {
      isTooLate = true
      this.#takeArrival?.()
    })
    while (!isTooLate && !this.#abort.signal.aborted && !isThere()) {
      await new Promise<void>((resolve) => {
        this.#takeArrival = resolve
      })
    }
    cancel()
    this.#takeArrival = undefined
  }

  /** When the next frame is due. */
  get #dueAt(): ServerUs {
    return (this.#originAt! + (this.#frames * 1e6) / this.sampleRate) as ServerUs
  }

  /** How long until the next frame is due, in µs; leaves out what nobody waits for any more. */
  #catchUp(at: ServerUs): number {
    this.#originAt ??= at
    const lateUs = at - this.#dueAt
    if (lateUs > mostLateUs) this.#originAt = (this.#originAt + lateUs - mostLateUs) as ServerUs
    return -lateUs
  }

  /**
   * Whether only the end is left of what has been heard for a second: what follows gets the time it lasts to open in.
   * (At its beginning a programme would leave out what comes too early.)
   */
  get #isRunningOut(): boolean {
    return this.#isComplete && this.#playedFrames > this.sampleRate
  }

  /** Whether what has come says where the source is to be taken up. */
  #canTell(at: ServerUs): boolean {
    if (this.#pace === undefined || this.#isComplete || this.#reclock.status.state === 'playing') return true
    this.#pace.waiting(at)
    this.#follow()
    return !this.#pace.isGaining(at)
  }

  #silence(frames: number): AudioBuffer {
    this.#frames += frames
    return new AudioBuffer({ length: frames, numberOfChannels: this.channels, sampleRate: this.sampleRate })
  }

  #follow(): void {
    this.#reclock.isFollowing = !this.#isComplete && this.#pace?.pace !== 'held'
  }

  #noteUnderruns(): void {
    const { underruns } = this.#reclock.status
    if (underruns === this.#underruns) return
    this.#underruns = underruns
    this.#pace?.ranDry()
    this.#follow()
  }

  /** Listens for as long as the source is worth it. Never rejects. */
  async #pump(): Promise<void> {
    const { signal } = this.#abort
    const { location, isOverAtEnd, onProblem } = this.#feed
    for (let attempts = 0; !signal.aborted; ) {
      const startedAt = this.#time.clock.now()
      this.#lastAt = startedAt
      const problem = await this.#listen()
      if (signal.aborted) return
      const wasSound = this.#lastAt - startedAt > soundUs || this.#time.clock.now() - startedAt > patientUs
      attempts = wasSound ? 1 : attempts + 1
      if (isOverAtEnd || attempts > mostAttempts) {
        this.#reclock.complete()
        this.#isComplete = true
        this.#follow()
        this.#takeArrival?.()
        this.#failure = isOverAtEnd ? problem : (problem ?? new SourceProblem(location, 'ends again and again.'))
        return
      }
      if (attempts === 1) onProblem(`${problem?.message ?? `${location}: ended.`} Waiting for it to come back.`)
      await this.#sleep(Math.min(leastPauseUs * 2 ** (attempts - 1), mostPauseUs))
    }
  }

  async #listen(): Promise<SourceProblem | undefined> {
    const { signal } = this.#abort
    try {
      for await (const pcm of this.#feed.listen(signal)) {
        if (signal.aborted) return undefined
        await this.#take(pcm, this.#time.clock.now())
      }
      return undefined
    } catch (error) {
      return error instanceof SourceProblem
        ? error
        : new SourceProblem(this.#feed.location, `breaks off (${firstLine(error)}).`)
    }
  }

  async #take({ channels, sampleRate }: Pcm, at: ServerUs): Promise<void> {
    if (sampleRate !== this.sampleRate || channels.length < this.channels) {
      const change = `${this.sampleRate} Hz, ${this.channels} channels to ${sampleRate} Hz, ${channels.length} channels`
      throw new SourceProblem(this.#feed.location, `changes from ${change}; add it again.`)
    }
    this.#lastAt = at
    this.#pace?.received((channels[0]!.length * 1000) / sampleRate, at)
    this.#follow()
    const { signal } = this.#abort
    while (!signal.aborted && !this.#reclock.isFollowing && this.#reclock.heldMs > 2 * this.#feed.latencyMs) {
      await new Promise<void>((resolve) => {
        this.#makeRoom = resolve
      })
    }
    if (signal.aborted) return
    this.#reclock.push(channels, at)
    this.#takeArrival?.()
  }

  /** Waits, unless and until the source is closed. */
  #sleep(durationUs: number): Promise<void> {
    const { clock, timers } = this.#time
    const { signal } = this.#abort
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const cancel = timers.wakeAt((clock.now() + durationUs) as ServerUs, wake)
      signal.addEventListener('abort', wake)
    })
  }
}
