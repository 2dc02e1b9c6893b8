/**
 * Keeps a live programme as little ahead of its time as its players allow. Live audio cannot be had ahead of its time:
 * the lead it begins with is what it has, so it begins with no more than is needed, and what is needed later is gained
 * and lost by bending its rate, for all rooms at once and without a step (docs/decisions/0012).
 *
 * Where nothing of the source is being heard anyway, before it begins and after silence has stood in for it, it begins
 * with what comes then and not with what has piled up.
 */
import type { ServerUs } from '@tutti/clock'
import type { Block, BlockBender, BlockFactory } from './block.js'
import { LiveBend } from './live-bend.js'

/** Two blocks that each came in their own time: what had piled up before is through. */
const steadyBlocks = 2
/** The lead is the greatest of this long, or twice as long: blocks come late, never early. */
const windowUs = 1_000_000
/** A lead this near to what is needed is left alone: timers are no better. */
const toleranceUs = 3_000
/** With less than this share of the lead it needs a room has gaps now and then, and more is worth being heard. */
const poorShare = 0.75
/** So much that came in less than half of its time comes as fast as it is read. */
const rushUs = 500_000
const rushShare = 0.5
/** A block that comes later than this was held up by its source, and so will be those after it. */
const mostLateUs = 20_000

export class LiveEdge<B extends Block> {
  /** Of every frame, though no player may need so much, in µs. */
  readonly leastLeadUs: number
  readonly #sampleRate: number
  readonly #bender: BlockBender<B> | undefined
  readonly #bend: LiveBend
  #lastAt: ServerUs | undefined
  #firstAt: ServerUs | undefined
  #receivedFrames = 0
  /** The longest block of this window and of the last one. */
  #longestFrames = 0
  #lastLongestFrames = 0
  #steady = 0
  #isPaced = false
  #isFlowing = false
  #aimUs: number | undefined
  #windowStart: ServerUs | undefined
  #greatestUs = -Infinity
  #lastGreatestUs = -Infinity
  /** When frame 0 would have come with the promptest block of this window and of the last one. */
  #promptest = Infinity
  #lastPromptest = Infinity
  #promptSince: ServerUs | undefined

  constructor(sampleRate: number, factory: BlockFactory<B>, leastLeadUs = 0) {
    this.leastLeadUs = leastLeadUs
    this.#sampleRate = sampleRate
    this.#bender = factory.bender?.()
    this.#bend = new LiveBend(sampleRate, this.#bender?.reach ?? 0)
  }

  /** Whether blocks come as time passes, by themselves. */
  get isPaced(): boolean {
    return this.#isPaced
  }

  /**
   * When the last block would have come had it been as prompt as the promptest of late; undefined before the first. Blocks
   * come late, never early: a start by the one that happens to be the last would have to be bent by its lateness.
   */
  get promptAt(): ServerUs | undefined {
    if (this.#lastAt === undefined) return undefined
    const promptAt = Math.min(this.#promptest, this.#lastPromptest) + this.#usOf(this.#receivedFrames)
    return Math.max(promptAt, this.#lastAt - mostLateUs) as ServerUs
  }

  /** Whether what has come so far came faster than it lasts: the reader sets the pace. */
  isRushing(at: ServerUs): boolean {
    if (this.#firstAt === undefined || this.#isPaced) return false
    const receivedUs = this.#usOf(this.#receivedFrames)
    return receivedUs > rushUs && at - this.#firstAt < rushShare * receivedUs
  }

  /**
   * The longest block of late, in µs: audio waits that long for the rest of its block. To the millisecond, because blocks that are
   * taken as they come differ by a frame, and nothing is to be bent for that.
   */
  get blockUs(): number {
    return Math.round(this.#usOf(Math.max(this.#longestFrames, this.#lastLongestFrames)) / 1000) * 1000
  }

  /** The lead that has been reached on the way to the one that is needed, in µs; undefined before the first. */
  get reachedUs(): number | undefined {
    return this.#aimUs && this.#aimUs - this.#usOf(this.#bend.outstandingFrames)
  }

  /** Notes that a block of `frames` has come. */
  received(frames: number, at: ServerUs): void {
    const isSteady = this.#lastAt !== undefined && at - this.#lastAt >= this.#usOf(frames) / 2
    this.#steady = isSteady ? this.#steady + 1 : 0
    if (this.#steady >= steadyBlocks) this.#isPaced = true
    this.#lastAt = at
    this.#firstAt ??= at
    this.#receivedFrames += frames
    this.#turnWindow(at)
    this.#promptest = Math.min(this.#promptest, at - this.#usOf(this.#receivedFrames))
    this.#longestFrames = Math.max(this.#longestFrames, frames)
  }

  /**
   * How many of the frames that have just come, `leadUs` before the last of them would be due, are not to be heard:
   * the source is about to begin, or to begin again, and they would put everything after them behind.
   */
  excessFrames(frames: number, leadUs: number, neededUs: number): number {
    if (this.#steady < steadyBlocks) return leadUs > neededUs ? frames : 0
    const excess = Math.ceil(((leadUs - neededUs) * this.#sampleRate) / 1e6)
    return Math.max(0, Math.min(frames, excess))
  }

  /** The block as it goes into the programme. */
  shape(block: B): B {
    return this.#bender === undefined ? block : this.#bender.bend(block, this.#bend.take(block.length))
  }

  /** Notes that the programme's last frame is due in `leadUs` and should be due in `neededUs` after an arrival. */
  steer(leadUs: number, neededUs: number, at: ServerUs): void {
    if (!this.#isPaced || this.#bender === undefined) return
    if (!this.#isFlowing) {
      this.#isFlowing = true
      this.#aimUs = neededUs
      this.#forget(at)
    }
    if (neededUs !== this.#aimUs) {
      this.#gain(neededUs - this.#aimUs!)
      this.#aimUs = neededUs
    }
    this.#greatestUs = Math.max(this.#greatestUs, leadUs - this.reachedUs!)
    this.#bend.isHurried = this.reachedUs! < poorShare * neededUs
    if (at - this.#windowStart! < windowUs) return
    const greatestUs = Math.max(this.#greatestUs, this.#lastGreatestUs)
    const isComplete = this.#lastGreatestUs > -Infinity
    this.#lastGreatestUs = this.#greatestUs
    this.#greatestUs = -Infinity
    this.#windowStart = at
    if (!isComplete || Math.abs(greatestUs) <= toleranceUs) return
    this.#gain(-greatestUs)
    this.#forget(at)
  }

  #turnWindow(at: ServerUs): void {
    this.#promptSince ??= at
    if (at - this.#promptSince < windowUs) return
    this.#promptSince = at
    this.#lastPromptest = this.#promptest
    this.#promptest = Infinity
    this.#lastLongestFrames = this.#longestFrames
    this.#longestFrames = 0
  }

  #gain(us: number): void {
    this.#bend.gain(Math.round((us * this.#sampleRate) / 1e6))
  }

  #forget(at: ServerUs): void {
    this.#windowStart = at
    this.#greatestUs = -Infinity
    this.#lastGreatestUs = -Infinity
  }

  #usOf(frames: number): number {
    return (frames * 1e6) / this.#sampleRate
  }
}
