/**
 * Decoded audio by absolute media frame, written by the decoding side and read by the audio thread. Positions only
 * grow: after a seek the new audio is written beyond the old.
 */
export interface MediaWindow {
  /** The oldest frame that may still be read. */
  readonly firstFrame: number
  /** One past the newest frame. */
  readonly endFrame: number
}

/** What the writing side needs; `Block` is an AudioBuffer, or in a simulation just a length. */
export interface MediaWriter<Block extends { readonly length: number }> extends MediaWindow {
  /** Frames that can be written at `endFrame` without overwriting what is still to be read. */
  readonly freeFrames: number
  /** Appends at `endFrame`. */
  append(block: Block): void
}
