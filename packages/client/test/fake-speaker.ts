/** Takes samples as `speaker` 0.5 on ALSA does: a buffer of half a second, in lumps of a quarter of that, and no word. */
import { Writable } from 'node:stream'
import { hrtimeUs } from '../src/node/local-clock.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { VirtualCard } from '../src/virtual-card.js'

export default class FakeSpeaker extends Writable {
  readonly #card: VirtualCard
  readonly #frameBytes: number
  readonly #lumpFrames: number

  constructor({ sampleRate, channels }: { sampleRate: number; channels: number }) {
    super()
    const bufferFrames = sampleRate / 2
    this.#card = new VirtualCard({ sampleRate, ppm: 0, bufferFrames, delayNoiseUs: 0 }, new SeededRandom(1))
    this.#frameBytes = 2 * channels
    this.#lumpFrames = bufferFrames / 4
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#take(chunk.byteLength / this.#frameBytes, done)
  }

  #take(frames: number, done: () => void): void {
    const now = hrtimeUs()
    const left = frames - this.#card.write(frames, now)
    if (left === 0) {
      done()
      return
    }
    const freeAtUs = this.#card.freeAtUs(this.#lumpFrames, now) ?? now
    setTimeout(() => this.#take(left, done), Math.ceil((freeAtUs - now) / 1000))
  }
}
