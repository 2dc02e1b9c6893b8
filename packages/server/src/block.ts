/** A stretch of decoded audio at the group's rate: an AudioBuffer, or in a simulation just a length. */
export interface Block {
  /** Frames. */
  readonly length: number
}

/** All a programme ever does to samples. */
export interface BlockFactory<B extends Block> {
  silence(frames: number): B
  /** What is left of `block` without its first `frames`. */
  without(block: B, frames: number): B
}
