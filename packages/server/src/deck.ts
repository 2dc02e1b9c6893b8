/** Plays a queue into a programme, as people ask it to, and knows what is heard at any instant. */
import type { ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import type { Programme } from './programme.js'
import { emptyQueue, findEntry, playOrder, type QueueState, setCurrent, skipFrom } from './queue.js'
import type { QueueEntry } from './track.js'
import { type ReaderPort, TrackReader } from './track-reader.js'

export type DeckState = 'stopped' | 'paused' | 'playing'

/** What a deck wants of the group around it. */
export interface DeckPort extends ReaderPort {
  /** Audio that was scheduled is void; other audio follows. */
  cleared(): void
  /** Audio that was scheduled is void, and none follows. */
  halted(): void
}

/** A press of `previous` later than this into a track goes back to its start. */
const restartAfterMs = 3000

export class Deck<B extends Block> {
  readonly programme: Programme<B>
  /** What fills the programme. */
  readonly reader: TrackReader<B>
  readonly #port: DeckPort
  #queue: QueueState = emptyQueue
  #state: DeckState = 'stopped'
  /** Where playback stands while nothing is heard. */
  #positionMs = 0
  #heardFrame: number | undefined
  #epoch = 0

  constructor(programme: Programme<B>, port: DeckPort) {
    this.programme = programme
    this.#port = port
    this.reader = new TrackReader(programme, port)
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

  positionMs(at: ServerUs): number {
    return this.programme.heardAt(at)?.positionMs ?? this.#positionMs
  }

  isMoving(at: ServerUs): boolean {
    return this.programme.heardAt(at)?.moving ?? false
  }

  // What people ask for

  /** Takes up what was kept, without playing. */
  restore(queue: QueueState, positionMs: number): void {
    this.#queue = queue
    this.#positionMs = positionMs
    if (positionMs > 0) this.#state = 'paused'
  }

  /** What is in the way, if anything is. */
  play(): string | undefined {
    if (this.#state === 'playing') return undefined
    const current = this.current ?? findEntry(this.#queue, playOrder(this.#queue)[0])
    if (current === undefined) return 'the queue is empty; add tracks first'
    this.#state = 'playing'
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
    const most = target.durationMs ?? Infinity
    this.#positionMs = Math.min(Math.max(positionMs, 0), most)
    if (this.#state === 'stopped' && this.#positionMs > 0) this.#state = 'paused'
    if (this.#state !== 'playing') return
    this.#drop()
    this.#port.cleared()
    this.#begin(target, this.#positionMs)
  }

  /** To the next or the previous track; what is in the way, if anything is. */
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
    const { latest } = this.reader
    const isGone = latest !== undefined && findEntry(queue, latest) === undefined
    if (queue.current === undefined) this.stop()
    else if (queue.current !== before) this.jump(queue.current, 0)
    else if (this.#state === 'playing' && isGone) this.jump(queue.current, positionMs)
    else if (this.#state === 'playing') this.#goOn(this.reader.reconsider(queue))
  }

  /** Takes in what became known of queued tracks; what plays, and what plays next, stays the same. */
  annotate(note: (queue: QueueState) => QueueState): void {
    this.#queue = note(this.#queue)
  }

  // What comes from the source

  /** Whether the audio that comes, or would come, is made as time passes. */
  get isLive(): boolean {
    return (this.reader.entry ?? this.current)?.live === true
  }

  /** Notes what became known about the track that is being opened. */
  describe(note: (queue: QueueState, entry: string) => QueueState): void {
    const { entry } = this.reader
    if (entry !== undefined) this.#queue = note(this.#queue, entry.id)
  }

  trackEnded(): void {
    this.#goOn(this.reader.trackEnded(this.#queue))
  }

  trackFailed(reason: string): void {
    this.#goOn(this.reader.trackFailed(reason, this.#queue))
  }

  // What is heard

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
    this.reader.begin(entry, fromMs)
  }

  #goOn(hasMore: boolean): void {
    if (!hasMore) this.ended()
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
    this.#heardFrame = undefined
    this.reader.drop()
  }
}
