/**
 * Plays a queue into a programme: opens the next track while the last seconds of this one are still to be heard, skips
 * what cannot be opened, and knows what is heard at any instant.
 */
import type { ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import type { ServerEvent } from './event.js'
import type { FeedId } from './input.js'
import type { Programme } from './programme.js'
import { emptyQueue, entryAfter, findEntry, playOrder, type QueueState, setCurrent, skipFrom } from './queue.js'
import type { QueueEntry } from './track.js'

export type DeckState = 'stopped' | 'paused' | 'playing'

/** What a deck wants of the group around it. */
export interface DeckPort {
  /** A new name for a feed of `entry` from `fromMs`, which is being opened from now on. */
  open(entry: QueueEntry, fromMs: number): FeedId
  close(feed: FeedId): void
  want(feed: FeedId, frames: number): void
  /** Audio that was scheduled is void; other audio follows. */
  cleared(): void
  /** Audio that was scheduled is void, and none follows. */
  halted(): void
  report(event: DistributiveOmit<DeckEvent, 'group'>): void
}

type DeckEvent = Extract<ServerEvent, { group: string }>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

interface Feed {
  readonly id: FeedId
  readonly entry: QueueEntry
  readonly fromMs: number
  /** Frames asked for that have not come. */
  wantedFrames: number
  hasDelivered: boolean
}

/** Silence after the last track, so that encoders give out its last frames: the longest packet and look-ahead. */
const tailMs = 250
/** No less is asked for at a time: it would not be worth a message. */
const leastWantedMs = 100
/** A press of `previous` later than this into a track goes back to its start. */
const restartAfterMs = 3000

export class Deck<B extends Block> {
  readonly programme: Programme<B>
  readonly #port: DeckPort
  #queue: QueueState = emptyQueue
  #state: DeckState = 'stopped'
  /** Where playback stands while nothing is heard. */
  #positionMs = 0
  /** The feed that fills the programme. */
  #feed: Feed | undefined
  /** The entry whose audio came last, once all of it is in the programme. */
  #finished: string | undefined
  /** Whether the audio that came last was live. */
  #endedLive = false
  /** Whether it was cut off where it was: by a source that failed, or by a live one's end. */
  #endsTorn = false
  /** Where the music ends, once that is known. */
  #endFrame: number | undefined
  /** Tracks in a row that gave nothing. */
  #failures = 0
  #heardFrame: number | undefined
  #epoch = 0

  constructor(programme: Programme<B>, port: DeckPort) {
    this.programme = programme
    this.#port = port
  }

  get queue(): QueueState {
    return this.#queue
  }

  get state(): DeckState {
    return this.#state
  }

  /** The entry heard now, or to be heard next. */
  get current(): QueueEntry | undefined {
    return findEntry(this.#queue, this.#queue.current)
  }

  /** Grows whenever the position does something else than run on. */
  get epoch(): number {
    return this.#epoch
  }

  /** Where the music ends in the programme; undefined while more may come. */
  get endFrame(): number | undefined {
    return this.#endFrame
  }

  get isLive(): boolean {
    return (this.#feed?.entry ?? this.current)?.live === true
  }

  /** Whether what comes next follows on live audio, so that there is no more of a lead than that had. */
  get followsLive(): boolean {
    return this.isBeginning && this.#endedLive
  }

  /** True while audio is expected that is not there yet. */
  get isWaitingForSource(): boolean {
    return this.#feed !== undefined
  }

  positionMs(at: ServerUs): number {
    return this.programme.heardAt(at)?.positionMs ?? this.#positionMs
  }

  isMoving(at: ServerUs): boolean {
    return this.programme.heardAt(at)?.moving ?? false
  }

  /** Takes up what was kept, without playing. */
  restore(queue: QueueState, positionMs: number): void {
    this.#queue = queue
    this.#positionMs = positionMs
    if (positionMs > 0) this.#state = 'paused'
  }

  play(): string | undefined {
    if (this.#state === 'playing') return undefined
    const current = this.current ?? findEntry(this.#queue, playOrder(this.#queue)[0])
    if (current === undefined) return 'the queue is empty; add tracks first'
    this.#state = 'playing'
    this.#failures = 0
    this.#epoch++
    this.#begin(current, this.current === undefined ? 0 : this.#positionMs)
    return undefined
  }

  pause(at: ServerUs): void {
    if (this.#state !== 'playing') return
    const positionMs = this.positionMs(at)
    this.#state = 'paused'
    this.#halt(positionMs)
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#halt(0)
  }

  /** Plays, or shows, `entry` from `positionMs`. */
  jump(entry: string, positionMs: number): void {
    const target = findEntry(this.#queue, entry)
    if (target === undefined) return
    this.#queue = setCurrent(this.#queue, entry)
    this.#epoch++
    this.#failures = 0
    const most = target.durationMs ?? Infinity
    this.#positionMs = Math.min(Math.max(positionMs, 0), most)
    if (this.#state === 'stopped' && this.#positionMs > 0) this.#state = 'paused'
    if (this.#state !== 'playing') return
    this.#drop()
    this.#port.cleared()
    this.#begin(target, this.#positionMs)
  }

  skip(step: 1 | -1, at: ServerUs): string | undefined {
    const { current } = this.#queue
    if (current === undefined) return 'the queue is empty; add tracks first'
    const target = skipFrom(this.#queue, current, step)
    if (step === -1 && this.positionMs(at) > restartAfterMs) this.jump(current, 0)
    else if (target !== undefined) this.jump(target, 0)
    else if (step === -1) this.jump(current, 0)
    else this.#finish()
    return undefined
  }

  /** Takes an edited queue; what is heard goes on where it can. */
  edit(queue: QueueState, at: ServerUs): void {
    const before = this.#queue.current
    const positionMs = this.positionMs(at)
    this.#queue = queue
    this.#epoch++
    const unheard = this.#feed?.hasDelivered ? this.#feed.entry.id : this.#finished
    const isGone = unheard !== undefined && findEntry(queue, unheard) === undefined
    if (queue.current === undefined) this.stop()
    else if (queue.current !== before) this.jump(queue.current, 0)
    else if (this.#state === 'playing' && isGone) this.jump(queue.current, positionMs)
    else if (this.#state === 'playing') this.#reconsiderNext()
  }

  /** Asks the source for audio up to `frame` of the programme at least: somebody may wait for the last of it. */
  wantUntil(frame: number): void {
    const feed = this.#feed
    if (feed === undefined) return
    const missing = Math.ceil(frame - this.programme.endFrame - feed.wantedFrames)
    if (missing <= 0) return
    const frames = Math.max(missing, Math.ceil((leastWantedMs * this.programme.sampleRate) / 1000))
    feed.wantedFrames += frames
    this.#port.want(feed.id, frames)
  }

  /** Notes what became known about the track that is being opened. */
  describe(note: (queue: QueueState, entry: string) => QueueState): void {
    if (this.#feed !== undefined) this.#queue = note(this.#queue, this.#feed.entry.id)
  }

  /** Takes in what became known of queued tracks; what plays, and what plays next, stays the same. */
  annotate(note: (queue: QueueState) => QueueState): void {
    this.#queue = note(this.#queue)
  }

  owns(feed: FeedId): boolean {
    return this.#feed?.id === feed
  }

  /** Whether the current feed's first audio is still to come. */
  get isBeginning(): boolean {
    return this.#feed?.hasDelivered === false
  }

  /** Takes frames that came too late to be heard: they were wanted, and the programme goes on without them. */
  discard(frames: number): void {
    if (this.#feed !== undefined) this.#feed.wantedFrames = Math.max(this.#feed.wantedFrames - frames, 0)
  }

  /** Takes a block of the current feed. */
  append(block: B): void {
    const feed = this.#feed
    if (feed === undefined || block.length === 0) return
    feed.wantedFrames = Math.max(feed.wantedFrames - block.length, 0)
    if (!feed.hasDelivered) {
      feed.hasDelivered = true
      this.#failures = 0
      this.programme.begin(feed.entry.id, feed.fromMs)
      // Files follow one another to the frame; what is live begins and ends anywhere.
      if (this.#endsTorn || feed.entry.live) this.programme.seam()
    }
    this.programme.append(block)
  }

  trackEnded(): void {
    const feed = this.#feed
    if (feed === undefined) return
    // A seek to the very end leaves nothing to hear, and nothing to complain about.
    if (!feed.hasDelivered && feed.fromMs === 0) {
      this.trackFailed('it holds no audio')
      return
    }
    this.#port.close(feed.id)
    this.#feed = undefined
    this.#finished = feed.entry.id
    this.#endedLive = feed.entry.live === true
    this.#endsTorn = this.#endedLive
    this.#openNext(entryAfter(this.#queue, feed.entry.id))
  }

  trackFailed(reason: string): void {
    const feed = this.#feed
    if (feed === undefined) return
    const { location } = feed.entry
    this.#port.close(feed.id)
    this.#feed = undefined
    this.#finished = feed.entry.id
    this.#port.report({ type: feed.hasDelivered ? 'trackBroken' : 'trackSkipped', location, reason })
    if (feed.hasDelivered) {
      this.#endedLive = feed.entry.live === true
      this.#endsTorn = true
    } else this.#failures++
    const isHopeless = this.#failures >= this.#queue.entries.length
    if (isHopeless) this.#port.report({ type: 'nothingPlayable' })
    // A track that cannot be had is not repeated.
    this.#openNext(isHopeless ? undefined : skipFrom(this.#queue, feed.entry.id, 1))
  }

  /** Notes what is heard at `at`; true when it is something else than before. */
  listen(at: ServerUs): boolean {
    const mark = this.programme.heardAt(at)
    if (mark === undefined || mark.frame === this.#heardFrame) return false
    this.#heardFrame = mark.frame
    this.#epoch++
    if (mark.moving) {
      this.#queue = setCurrent(this.#queue, mark.entry)
      const location = findEntry(this.#queue, mark.entry)?.location
      if (location !== undefined && mark.positionMs === 0) this.#port.report({ type: 'trackStarted', location })
    }
    return true
  }

  /** The last frame has been heard. */
  ended(): void {
    this.#port.report({ type: 'playbackEnded' })
    this.#finish()
  }

  #begin(entry: QueueEntry, fromMs: number): void {
    this.#queue = setCurrent(this.#queue, entry.id)
    this.#positionMs = fromMs
    this.#open(entry, fromMs)
  }

  #open(entry: QueueEntry, fromMs: number): void {
    this.#endFrame = undefined
    const id = this.#port.open(entry, fromMs)
    this.#feed = { id, entry, fromMs, wantedFrames: 0, hasDelivered: false }
  }

  #openNext(next: string | undefined): void {
    const entry = findEntry(this.#queue, next)
    if (entry !== undefined) {
      this.#open(entry, 0)
    } else if (this.programme.firstFrame === this.programme.endFrame) {
      this.ended()
    } else {
      this.#endFrame = this.programme.endFrame
      this.programme.appendSilence((tailMs * this.programme.sampleRate) / 1000)
    }
  }

  /** The queue has changed: is what comes after the last finished track still right? */
  #reconsiderNext(): void {
    if (this.#finished === undefined || this.#feed?.hasDelivered) return
    const next = entryAfter(this.#queue, this.#finished)
    if (next === this.#feed?.entry.id) return
    if (this.#feed !== undefined) this.#port.close(this.#feed.id)
    this.#feed = undefined
    if (next !== undefined || this.#endFrame === undefined) this.#openNext(next)
  }

  #finish(): void {
    this.#state = 'stopped'
    this.#queue = setCurrent(this.#queue, playOrder(this.#queue)[0])
    this.#halt(0)
  }

  #halt(positionMs: number): void {
    this.#positionMs = positionMs
    this.#epoch++
    this.#drop()
    this.#port.halted()
  }

  #drop(): void {
    if (this.#feed !== undefined) this.#port.close(this.#feed.id)
    this.#feed = undefined
    this.#finished = undefined
    this.#endedLive = false
    this.#endsTorn = false
    this.#endFrame = undefined
    this.#heardFrame = undefined
    this.programme.clear()
  }
}
