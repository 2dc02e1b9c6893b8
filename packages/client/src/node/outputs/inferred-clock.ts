/**
 * Says when frames are heard on a device that tells nothing but when it took them.
 *
 * A device whose buffer is full takes a frame when it plays the one a buffer's length earlier. It takes them in lumps,
 * and says so late, but never early: of all the moments a recent frame can have been taken, the earliest is the truth.
 * The minimum over some seconds follows that edge to about a millisecond, less what is unknown of the buffer's length,
 * which is the same every time and left to the user's trim.
 */
export class InferredClock {
  readonly #sampleRate: number
  readonly #bufferUs: number
  readonly #windowUs: number
  #windowEndsAtUs = Number.NEGATIVE_INFINITY
  /** When frame 0 would have been taken, at the earliest seen in this window and in the one before. */
  #originUs = Number.POSITIVE_INFINITY
  #lastOriginUs = Number.POSITIVE_INFINITY

  /**
   * @param sampleRate nominal, Hz
   * @param bufferUs length of the device's buffer
   * @param windowUs long enough to hold many lumps, and short enough that crystals hardly part meanwhile
   */
  constructor(sampleRate: number, bufferUs: number, windowUs: number) {
    this.#sampleRate = sampleRate
    this.#bufferUs = bufferUs
    this.#windowUs = windowUs
  }

  /** Notes that by `atUs` the device had taken `frames` frames in all. */
  taken(frames: number, atUs: number): void {
    if (atUs >= this.#windowEndsAtUs) {
      this.#lastOriginUs = this.#originUs
      this.#originUs = Number.POSITIVE_INFINITY
      this.#windowEndsAtUs = atUs + this.#windowUs
    }
    this.#originUs = Math.min(this.#originUs, atUs - (frames * 1e6) / this.#sampleRate)
  }

  /** When frame `frame` is heard; meaningful once the buffer has been full. */
  heardAtUs(frame: number): number {
    return Math.min(this.#originUs, this.#lastOriginUs) + (frame * 1e6) / this.#sampleRate + this.#bufferUs
  }
}
