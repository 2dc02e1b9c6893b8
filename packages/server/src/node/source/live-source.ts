/**
 * An AudioSource over something that happens now. What comes is re-clocked; what is read is given at the pace of the
 * server's clock, from the first read on, whatever the source does: where it has nothing, there is silence in step. What is
 * given as it comes is given when it is there; while it is late, by up to `latencyMs`, nothing is, and the group stands in.
 */
import { setImmediate } from 'node:timers/promises'
import { type Clock, type ServerUs, shift, type Timers } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import type { AudioSource, TrackTags } from '../../audio-source.js'
import { PaceDetector } from '../../live-pace.js'
import { LiveReclock, settleUs } from '../../live-reclock.js'
import { LiveSchedule } from '../../live-schedule.js'
import { type Listenable, LiveListening } from './live-listening.js'
import { LiveWait } from './live-wait.js'
import type { SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

export interface LiveFeed extends Listenable {
  /** Audio held between arrival and timeline, in ms; the most that is waited for, of what is given as it comes. */
  readonly latencyMs: number
  /** To be given as it comes, and not held but for what its lumps need. */
  readonly isAsItComes?: boolean
  /** Bytes a second of a source that may leave the pace to its reader; undefined for one that never does. */
  readonly bytesPerS: number | undefined
  /** What is on now. */
  readonly tags: () => TrackTags
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
/** What a station sends at once to begin with is cut to what is to be held; more than this is not looked at. */
const burstMs = 2000
/** Read from a pipe at once, at most. */
const chunkBytes = 65_536

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
  readonly #schedule: LiveSchedule
  readonly #wait: LiveWait
  readonly #listening: LiveListening
  readonly #abort = new AbortController()
  /** Ends when there is no more, or this is closed. */
  readonly #ended: Promise<void>
  #playedFrames = 0
  #underruns = 0
  /** Nothing more will come, so there is nothing to follow. */
  #isComplete = false
  #failure: SourceProblem | undefined
  /** Ends the wait for room of what comes. */
  #makeRoom: (() => void) | undefined

  constructor(feed: LiveFeed, time: LiveTime) {
    const { sampleRate, channels, latencyMs, isAsItComes = false, bytesPerS } = feed
    this.sampleRate = sampleRate
    this.channels = channels
    this.#feed = feed
    this.#time = time
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
    this.#schedule = new LiveSchedule(sampleRate)
    this.#wait = new LiveWait(time.clock, time.timers, this.#abort.signal)
    this.#listening = new LiveListening(feed, time.clock, this.#wait, {
      take: (pcm, at) => this.#take(pcm, at),
      completed: (failure) => this.#complete(failure),
    })
    this.#ended = this.#listening.run(this.#abort.signal)
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
    const aheadUs = this.#schedule.catchUp(clock.now())
    if (aheadUs > 0 && !this.#isRunningOut) await this.#wait.sleep(aheadUs)
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
    this.#wait.lookAgain()
    this.#makeRoom?.()
    await this.#ended
  }

  /** The next of what comes, as soon as it has come; undefined when it does not, or there is to be no more. */
  async #takeAsItComes(): Promise<AudioBuffer | undefined> {
    const { clock } = this.#time
    const least = this.#framesOf(leastGivenMs)
    const aheadUs = this.#schedule.dueAt - earlyUs - clock.now()
    if (aheadUs > 0) await this.#wait.sleep(aheadUs)
    if (this.#reclock.lacks(least)) await this.#arrival(least, this.#feed.latencyMs * 1000)
    if (this.#abort.signal.aborted || !this.#reclock.isAsItComes) return undefined
    if (this.#reclock.lacks(least)) {
      this.#schedule.resumeAt(clock.now()) // silence has stood in for it long since
      this.#reclock.pause()
      this.#noteUnderruns()
      return undefined
    }
    const { readyFrames } = this.#reclock
    const most = this.#framesOf(mostGivenMs)
    return this.#pull(readyFrames < most + least ? readyFrames : most)
  }

  #pull(frames: number): AudioBuffer {
    const block = this.#reclock.pull(frames, this.#schedule.dueAt)
    this.#schedule.passed(block.length)
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
    const { lastAt } = this.#listening
    const quietUs = clock.now() - lastAt
    const isSoon = quietUs > earlyUs && quietUs < settleUs
    if (!isSoon || this.#reclock.status.state === 'playing' || !this.#reclock.isFollowing) return 0
    await this.#wait.until(() => this.#listening.lastAt !== lastAt, shift(this.#schedule.dueAt, mostGivenMs * 1000))
    return this.#schedule.dueFrames(clock.now())
  }

  #framesOf(ms: number): number {
    return Math.round((ms * this.sampleRate) / 1000)
  }

  /** Waits for enough of what is late, but not for longer than it may be. */
  #arrival(frames: number, mostLateUs: number): Promise<void> {
    return this.#wait.until(
      () => this.#isComplete || !this.#reclock.lacks(frames),
      shift(this.#schedule.dueAt, mostLateUs),
    )
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
    this.#schedule.passed(frames)
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

  #complete(failure: SourceProblem | undefined): void {
    this.#reclock.complete()
    this.#isComplete = true
    this.#follow()
    this.#wait.lookAgain()
    this.#failure = failure
  }

  async #take({ channels, sampleRate }: Pcm, at: ServerUs): Promise<void> {
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
    this.#wait.lookAgain()
  }
}
