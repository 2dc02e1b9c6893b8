/**
 * Something said into a programme: the music sinks, the clip is heard, the music comes back. What comes out at a frame
 * depends on that frame alone, so that every encoder mixes the same, whenever and in whatever portions it reads, and
 * neither the timeline nor what is numbered on it moves.
 */
import type { Block, BlockFactory } from './block.js'

export interface Announcement<B extends Block> {
  readonly clip: B
  /** How much quieter the music is meanwhile, dB, not negative. */
  readonly duckDb: number
  /** How long the music takes to sink before the clip and to come back after it, in frames. */
  readonly fadeFrames: number
}

/** An announcement that has its place in a programme. */
export class PlacedAnnouncement<B extends Block> {
  readonly announcement: Announcement<B>
  /** Of the programme: where the music begins to sink. */
  readonly startFrame: number
  readonly #factory: BlockFactory<B>

  constructor(announcement: Announcement<B>, startFrame: number, factory: BlockFactory<B>) {
    this.announcement = announcement
    this.startFrame = startFrame
    this.#factory = factory
  }

  /** Where the music is as it was. */
  get endFrame(): number {
    const { clip, fadeFrames } = this.announcement
    return this.startFrame + clip.length + 2 * fadeFrames
  }

  /** What is heard where the programme has `block` at `frame`. */
  mixInto(block: B, frame: number): B {
    if (frame >= this.endFrame || frame + block.length <= this.startFrame) return block
    return this.#factory.mix?.(block, this.announcement, frame - this.startFrame) ?? block
  }
}
