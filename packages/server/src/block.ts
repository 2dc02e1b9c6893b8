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
  /** The block as it may follow on silence. Left out where there are no samples. */
  readonly fadeIn?: (block: B) => B
}
