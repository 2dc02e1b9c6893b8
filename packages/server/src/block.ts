import type { Announcement } from './announcement.js'
import type { Bend } from './live-bend.js'

/** A stretch of decoded audio at the group's rate: an AudioBuffer, or in a simulation just a length. */
export interface Block {
  /** Frames. */
  readonly length: number
}

/** All a programme ever does to samples. */
export interface BlockFactory<B extends Block> {
  /** Follows on `after`, if anything: a jump from its last sample to silence would click. */
  silence(frames: number, after: B | undefined): B
  /** What is left of `block` without its first `frames`. */
  without(block: B, frames: number): B
  /**
   * The block as it may follow on `before`, or on silence where that is undefined, although it does not continue it. Its
   * first frame is frame `from` after the seam. Left out where there are no samples.
   */
  readonly join?: (block: B, from: number, before: B | undefined) => B
  /** The block with an announcement in it; its first frame is frame `from` of the announcement. Left out as `join`. */
  readonly mix?: (block: B, announcement: Announcement<B>, from: number) => B
  /** Left out where live audio keeps the lead it begins with. */
  readonly bender?: () => BlockBender<B>
}

/** Plays a run of blocks at a rate that bends. */
export interface BlockBender<B extends Block> {
  /** Frames it needs beyond a position to play it; what comes out is so much later than what went in. */
  readonly reach: number
  /** What is to be played after `block` has come; `bend` counts frames from the first block's first on. */
  bend(block: B, bend: Bend): B
}
