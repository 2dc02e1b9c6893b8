/**
 * Reads track after track of a queue into a programme: opens the next one while the last seconds of this one are still
 * to be heard, skips what cannot be opened, and knows where the music ends.
 */
import type { Block } from './block.js'
import type { ServerEvent } from './event.js'
import type { FeedId } from './input.js'
import type { Programme } from './programme.js'
import { entryAfter, findEntry, type QueueState, skipFrom } from './queue.js'
import type { QueueEntry } from './track.js'

type GroupEvent = Extract<ServerEvent, { group: string }>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** What reading needs of the group around it. */
export interface ReaderPort {
  /** A new name for a feed of `entry` from `fromMs`, which is being opened from now on. */
  open(entry: QueueEntry, fromMs: number): FeedId
  close(feed: FeedId): void
  want(feed: FeedId, frames: number): void
  report(event: DistributiveOmit<GroupEvent, 'group'>): void
}

/** A track that is being read. */
interface Feed {
  readonly id: FeedId
  readonly entry: QueueEntry
  readonly fromMs: number
  /** Frames asked for that have not come. */
  wantedFrames: number
  hasDelivered: boolean
}

/** How the audio that came last ended, once all of it is in the programme. */
interface Ending {
  /** The id of its entry. */
  readonly entry: string
  readonly wasLive: boolean
  /** Whether it was cut off where it was: by a source that failed, or by a live one's end. */
  readonly isTorn: boolean
}

/** Silence after the last track, so that encoders give out its last frames: the longest packet and look-ahead. */
const tailMs = 250
/** No less is asked for at a time: it would not be worth a message. */
const leastWantedMs = 100

export class TrackReader<B extends Block> {
  readonly #programme: Programme<B>
  readonly #port: ReaderPort
  #feed: Feed | undefined
  #ending: Ending | undefined
  #endFrame: number | undefined
  /** Tracks in a row that gave nothing. */
  #failures = 0

  constructor(programme: Programme<B>, port: ReaderPort) {
    this.#programme = programme
    this.#port = port
  }

  /** What is being read; undefined when there is nothing, or no more. */
  get entry(): QueueEntry | undefined {
    return this.#feed?.entry
  }

  /** Whether audio is expected that is not there yet. */
  get isReading(): boolean {
    return this.#feed !== undefined
  }

  /** Whether the first audio of what is being read is still to come. */
  get isBeginning(): boolean {
    return this.#feed?.hasDelivered === false
  }

  /** Whether what comes next follows on live audio, so that there is no more of a lead than that had. */
  get followsLive(): boolean {
    return this.isBeginning && this.#ending?.wasLive === true
  }

  /** Where the music ends in the programme; undefined while more may come. */
  get endFrame(): number | undefined {
    return this.#endFrame
  }

  /** The id of the entry whose audio came last. */
  get latest(): string | undefined {
    return this.#feed?.hasDelivered ? this.#feed.entry.id : this.#ending?.entry
  }

  owns(feed: FeedId): boolean {
    return this.#feed?.id === feed
  }

  /** Begins with what somebody asked for. */
  begin(entry: QueueEntry, fromMs: number): void {
    this.#failures = 0
    this.#open(entry, fromMs)
  }

  /** Asks for audio up to `frame` of the programme at least: somebody may wait for the last of it. */
  wantUntil(frame: number): void {
    const feed = this.#feed
    if (feed === undefined) return
    const missing = Math.ceil(frame - this.#programme.endFrame - feed.wantedFrames)
    if (missing <= 0) return
    const frames = Math.max(missing, Math.ceil((leastWantedMs * this.#programme.sampleRate) / 1000))
    feed.wantedFrames += frames
    this.#port.want(feed.id, frames)
  }

  /** Takes frames that came too late to be heard: they were wanted, and the programme goes on without them. */
  discard(frames: number): void {
    if (this.#feed !== undefined) this.#feed.wantedFrames = Math.max(this.#feed.wantedFrames - frames, 0)
  }

  /** Takes a block of what is being read. */
  append(block: B): void {
    const feed = this.#feed
    if (feed === undefined || block.length === 0) return
    this.discard(block.length)
    if (!feed.hasDelivered) {
      feed.hasDelivered = true
      this.#failures = 0
      this.#programme.begin(feed.entry.id, feed.fromMs)
      // Files follow one another to the frame; what is live begins and ends anywhere.
      if (this.#ending?.isTorn || feed.entry.live) this.#programme.seam()
    }
    this.#programme.append(block)
  }

  /** All of it has come: goes on with what follows in `queue`. False when there is nothing left to hear. */
  trackEnded(queue: QueueState): boolean {
    const feed = this.#feed
    if (feed === undefined) return true
    // A seek to the very end leaves nothing to hear, and nothing to complain about.
    if (!feed.hasDelivered && feed.fromMs === 0) return this.trackFailed('it holds no audio', queue)
    this.#close()
    const wasLive = feed.entry.live === true
    this.#ending = { entry: feed.entry.id, wasLive, isTorn: wasLive }
    return this.#openNext(entryAfter(queue, feed.entry.id), queue)
  }

  /** The rest cannot be had: goes on with the next one. False when there is nothing left to hear. */
  trackFailed(reason: string, queue: QueueState): boolean {
    const feed = this.#feed
    if (feed === undefined) return true
    const { id: entry, location, live } = feed.entry
    this.#close()
    this.#port.report({ type: feed.hasDelivered ? 'trackBroken' : 'trackSkipped', location, reason })
    if (feed.hasDelivered) {
      this.#ending = { entry, wasLive: live === true, isTorn: true }
    } else {
      // What was heard last is still what was there before.
      this.#ending = { entry, wasLive: this.#ending?.wasLive ?? false, isTorn: this.#ending?.isTorn ?? false }
      this.#failures++
    }
    const isHopeless = this.#failures >= queue.entries.length
    if (isHopeless) this.#port.report({ type: 'nothingPlayable' })
    // A track that cannot be had is not repeated.
    return this.#openNext(isHopeless ? undefined : skipFrom(queue, entry, 1), queue)
  }

  /** The queue has changed: is what comes after the last track still right? False when there is nothing left to hear. */
  reconsider(queue: QueueState): boolean {
    if (this.#ending === undefined || this.#feed?.hasDelivered) return true
    const next = entryAfter(queue, this.#ending.entry)
    if (next === this.#feed?.entry.id) return true
    this.#close()
    return next === undefined && this.#endFrame !== undefined ? true : this.#openNext(next, queue)
  }

  /** Forgets everything read. */
  drop(): void {
    this.#close()
    this.#ending = undefined
    this.#endFrame = undefined
    this.#programme.clear()
  }

  #open(entry: QueueEntry, fromMs: number): void {
    this.#endFrame = undefined
    const id = this.#port.open(entry, fromMs)
    this.#feed = { id, entry, fromMs, wantedFrames: 0, hasDelivered: false }
  }

  #close(): void {
    if (this.#feed !== undefined) this.#port.close(this.#feed.id)
    this.#feed = undefined
  }

  #openNext(next: string | undefined, queue: QueueState): boolean {
    const programme = this.#programme
    const entry = findEntry(queue, next)
    if (entry !== undefined) {
      this.#open(entry, 0)
      return true
    }
    if (programme.firstFrame === programme.endFrame) return false
    this.#endFrame = programme.endFrame
    programme.appendSilence((tailMs * programme.sampleRate) / 1000)
    return true
  }
}
