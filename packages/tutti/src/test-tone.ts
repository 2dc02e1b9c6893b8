/** A quiet tone on one loudspeaker after the other, so that one hears which is which; it begins and ends without a click. */

const hertz = [440, 660] as const
/** −20 dB of full scale. */
const amplitude = 0.1
const turnS = 1
const fadeS = 0.02

export class TestTone {
  readonly #sampleRate: number
  readonly #frames: number
  #frame = 0

  /** @param frames how long it is; after that there is silence */
  constructor(sampleRate: number, frames: number) {
    this.#sampleRate = sampleRate
    this.#frames = frames
  }

  get isOver(): boolean {
    return this.#frame >= this.#frames
  }

  /** Fills the first `frames` of each channel; never allocates. */
  render(channels: readonly Float32Array[], frames: number): void {
    for (const samples of channels) samples.fill(0, 0, frames)
    for (let i = 0; i < frames; i++, this.#frame++) {
      const atS = this.#frame / this.#sampleRate
      const turn = Math.floor(atS / turnS)
      const samples = channels[turn % Math.min(2, channels.length)]!
      samples[i] = this.#level(atS - turn * turnS) * Math.sin(2 * Math.PI * hertz[turn % 2]! * atS)
    }
  }

  /** Rises and falls with every turn. */
  #level(inTurnS: number): number {
    const leftS = (this.#frames - this.#frame) / this.#sampleRate
    const edgeS = Math.min(inTurnS, turnS - inTurnS, leftS)
    return amplitude * Math.min(1, Math.max(0, edgeS / fadeS))
  }
}
