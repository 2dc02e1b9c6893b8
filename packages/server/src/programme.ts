/**
 * What one group hears: a single run of frames, numbered from 0 for as long as the server lives. Tracks follow one
 * another without a seam; seeks and pauses move the timeline, never the numbers. Blocks stay until they have been
 * heard, so that an encoder that comes late can still start in step.
 */
import type { ServerUs } from '@tutti/clock'
import type { Block, BlockFactory } from './block.js'
import { SlidingLog } from './sliding-log.js'
import { frameAtTime, type Timeline, timeOfFrame } from './timeline.js'

/** From `frame` on, the group hears `entry` from `positionMs`. */
export interface Mark {
  readonly frame: number
  /** Id of the queue entry. */
  readonly entry: string
  readonly positionMs: number
  /** False while silence stands in for a late source: the track does not get on. */
  readonly moving: boolean
}

export class Programme<B extends Block> {
  readonly sampleRate: number
  readonly #factory: BlockFactory<B>
  readonly #blocks = new SlidingLog<{ readonly block: B; readonly frame: number }>()
  #marks: Mark[] = []
  #endFrame = 0
  #endsSilent = false
  /** Where what follows did not continue what was before, which is undefined after silence. */
  #seam: { readonly frame: number; readonly before: B | undefined } | undefined
  #timeline: Timeline | undefined

  constructor(sampleRate: number, factory: BlockFactory<B>) {
    this.sampleRate = sampleRate
    this.#factory = factory
  }

  /** The frame after the last one known. */
  get endFrame(): number {
    return this.#endFrame
  }

  /** Whether the last frames known stand in for a late source. */
  get endsSilent(): boolean {
    return this.#endsSilent
  }

  /** Undefined while nothing is scheduled. */
  get timeline(): Timeline | undefined {
    return this.#timeline
  }

  /** The oldest frame still at hand. */
  get firstFrame(): number {
    return this.#blocks.get(this.#blocks.first)?.frame ?? this.#endFrame
  }

  /** Number of the oldest block still at hand. */
  get firstBlock(): number {
    return this.#blocks.first
  }

  block(number: number): { readonly block: B; readonly frame: number } | undefined {
    return this.#blocks.get(number)
  }

  /** Number of the block `frame` is in; the oldest or the next one when it is not at hand. */
  blockOfFrame(frame: number): number {
    let number = this.#blocks.end
    while (number > this.#blocks.first && this.#endOfBlock(number - 1) > frame) number--
    return number
  }

  /** Cuts `frames` off the front of a block, for an encoder that must start in its middle. */
  cut(block: B, frames: number): B {
    return frames === 0 ? block : this.#factory.without(block, frames)
  }

  /** The next track begins at `endFrame`. */
  begin(entry: string, positionMs: number): void {
    this.#mark({ frame: this.#endFrame, entry, positionMs, moving: true })
  }

  /** Has what is appended next fade in, and what was appended last die away: it does not continue it. */
  seam(): void {
    this.#seam = { frame: this.#endFrame, before: this.#lastBlock }
  }

  append(block: B): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && !last.moving) this.#mark({ ...last, frame: this.#endFrame, moving: true })
    if (this.#endsSilent) this.#seam = { frame: this.#endFrame, before: undefined }
    this.#endsSilent = false
    if (this.#seam === undefined) this.#add(block)
    else this.#add(this.#factory.join?.(block, this.#endFrame - this.#seam.frame, this.#seam.before) ?? block)
  }

  /** Fills in for a source that is late, so that the timeline need not move. */
  appendSilence(frames: number): void {
    const last = this.#marks.at(-1)
    if (last?.moving) this.#mark({ ...this.#reckon(last, this.#endFrame), frame: this.#endFrame, moving: false })
    this.#add(this.#factory.silence(frames, this.#endsSilent ? undefined : this.#lastBlock))
    this.#endsSilent = true
  }

  /** Schedules the first frame at hand for `at`. */
  start(at: ServerUs): void {
    const originAt = Math.round(at) as ServerUs
    this.#timeline = { sampleRate: this.sampleRate, originFrame: this.firstFrame, originAt }
  }

  /** Drops what is before the block that ends last. */
  keepLastBlock(): void {
    while (this.#blocks.first < this.#blocks.end - 1) this.#blocks.forgetFirst()
  }

  /** Schedules the end of the last frame at hand for `at`; what is before it may be over. */
  startEnding(at: ServerUs): void {
    const heldUs = ((this.#endFrame - this.firstFrame) * 1e6) / this.sampleRate
    this.start((at - heldUs) as ServerUs)
  }

  /** Drops everything that has not been heard; what follows gets a new place in time. */
  clear(): void {
    this.#blocks.clear()
    this.#marks = []
    this.#endsSilent = false
    this.#seam = undefined
    this.#timeline = undefined
  }

  /** Lets go of blocks and marks that have been heard by `at`. */
  forgetBefore(at: ServerUs): void {
    if (this.#timeline === undefined) return
    const heard = frameAtTime(this.#timeline, at)
    while (this.#blocks.first < this.#blocks.end && this.#endOfBlock(this.#blocks.first) <= heard) {
      this.#blocks.forgetFirst()
    }
    while (this.#marks.length > 1 && this.#marks[1]!.frame <= heard) this.#marks.shift()
  }

  /** What is heard at `at`, reckoned to that instant; undefined before the start and when nothing is scheduled. */
  heardAt(at: ServerUs): Mark | undefined {
    const first = this.#marks[0]
    if (this.#timeline === undefined || first === undefined) return undefined
    const frame = Math.min(frameAtTime(this.#timeline, at), this.#endFrame)
    if (frame < first.frame) return undefined
    let mark = first
    for (const later of this.#marks) if (later.frame <= frame) mark = later
    return this.#reckon(mark, frame)
  }

  /** When the next mark after `at` is heard. */
  nextMarkAt(at: ServerUs): ServerUs | undefined {
    if (this.#timeline === undefined) return undefined
    const frame = frameAtTime(this.#timeline, at)
    const next = this.#marks.find((mark) => mark.frame > frame)
    return next && timeOfFrame(this.#timeline, next.frame)
  }

  get #lastBlock(): B | undefined {
    return this.#blocks.get(this.#blocks.end - 1)?.block
  }

  #reckon(mark: Mark, frame: number): Mark {
    if (!mark.moving) return mark
    return { ...mark, positionMs: mark.positionMs + ((frame - mark.frame) * 1000) / this.sampleRate }
  }

  #mark(mark: Mark): void {
    if (this.#marks.at(-1)?.frame === mark.frame) this.#marks.pop() // an empty stretch is never heard
    this.#marks.push(mark)
  }

  #add(block: B): void {
    this.#blocks.push({ block, frame: this.#endFrame })
    this.#endFrame += block.length
  }

  #endOfBlock(number: number): number {
    const { block, frame } = this.#blocks.get(number)!
    return frame + block.length
  }
}
