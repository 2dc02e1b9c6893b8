/**
 * A live source with a crystal and moods of its own, heard through a LiveReclock in virtual time. Its signal turns in
 * the plane of left and right at a known pace, so that every frame heard tells which frame of the source it is.
 */
import type { ServerUs } from '@tutti/clock'
import { LiveReclock, type ReclockConfig } from '../src/live-reclock.js'

export interface SourceHabits {
  /** How much faster than nominal its crystal runs. */
  readonly ppm: number
  /** Audio in each lump, in ms. */
  readonly lumpMs: number
  /** How late lump number `n` comes; order is kept. */
  readonly delayMs: (n: number) => number
  /** Whether it makes nothing at all (and loses what would have been) at `atMs`. */
  readonly isSilent?: (atMs: number) => boolean
}

/** A moment of what is heard. */
export interface Moment {
  readonly atMs: number
  /** 1 while the source is heard, less in fades, 0 in silence. */
  readonly level: number
  /** How long ago the frame heard was made; undefined in silence. */
  readonly ageMs: number | undefined
}

/** Time of the source in one turn. */
const turnS = 0.5
export const pullMs = 20

export class LiveWorld {
  readonly reclock: LiveReclock
  readonly moments: Moment[] = []
  /** Every frame of the first channel, when it is kept. */
  readonly heard: number[] = []
  readonly #config: ReclockConfig
  readonly #habits: SourceHabits
  readonly #keepsFrames: boolean
  #lumps = 0
  #made = 0
  #lastArrivalMs = 0
  #pulled = 0
  /** Source time of each lump given, so that silences do not count. */
  readonly #madeAtMs: { readonly frame: number; readonly atMs: number }[] = []

  constructor(config: ReclockConfig, habits: SourceHabits, keepsFrames = false) {
    this.reclock = new LiveReclock(config)
    this.#config = config
    this.#habits = habits
    this.#keepsFrames = keepsFrames
  }

  run(untilMs: number): void {
    for (;;) {
      const pullAtMs = this.#pulled * pullMs
      if (pullAtMs >= untilMs) return
      while (this.#nextArrivalMs() <= pullAtMs) this.#arrive()
      this.#pull(pullAtMs)
    }
  }

  /** The moments between two times. */
  between(fromMs: number, toMs: number): readonly Moment[] {
    return this.moments.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  }

  #lumpEndMs(): number {
    return ((this.#lumps + 1) * this.#habits.lumpMs) / (1 + this.#habits.ppm * 1e-6)
  }

  #nextArrivalMs(): number {
    return Math.max(this.#lastArrivalMs, this.#lumpEndMs() + this.#habits.delayMs(this.#lumps))
  }

  #arrive(): void {
    const { lumpMs, isSilent } = this.#habits
    const endMs = this.#lumpEndMs()
    this.#lastArrivalMs = this.#nextArrivalMs()
    this.#lumps++
    if (isSilent?.(endMs)) return
    const turnFrames = turnS * this.#config.sampleRate
    const frames = Math.round((lumpMs * this.#config.sampleRate) / 1000)
    const left = new Float32Array(frames)
    const right = new Float32Array(frames)
    for (let i = 0; i < frames; i++) {
      const angle = (2 * Math.PI * ((this.#made + i) % turnFrames)) / turnFrames
      left[i] = Math.cos(angle)
      right[i] = Math.sin(angle)
    }
    this.#made += frames
    this.#madeAtMs.push({ frame: this.#made, atMs: endMs })
    if (this.#madeAtMs.length > 100) this.#madeAtMs.shift()
    this.reclock.push([left, right], (this.#lastArrivalMs * 1000) as ServerUs)
  }

  #pull(atMs: number): void {
    const { sampleRate } = this.#config
    const frames = (pullMs * sampleRate) / 1000
    const block = this.reclock.pull(frames, (atMs * 1000) as ServerUs)
    this.#pulled++
    const [left, right] = [block.getChannelData(0), block.getChannelData(1)]
    if (this.#keepsFrames) this.heard.push(...left)
    for (const i of [0, frames / 2]) {
      const level = Math.hypot(left[i]!, right[i]!)
      const heardMs = atMs + (i * 1000) / sampleRate
      const ageMs = level < 0.5 ? undefined : heardMs - this.#madeMs(Math.atan2(right[i]!, left[i]!))
      this.moments.push({ atMs: heardMs, level, ageMs })
    }
  }

  /** When the latest frame with this angle was made that has not been too long ago. */
  #madeMs(angle: number): number {
    const { sampleRate } = this.#config
    const turnFrames = turnS * sampleRate
    const phase = ((angle / (2 * Math.PI)) * turnFrames + turnFrames) % turnFrames
    let frame = Math.floor(this.#made / turnFrames) * turnFrames + phase
    if (frame > this.#made) frame -= turnFrames
    const lump = this.#madeAtMs.find((made) => made.frame >= frame)!
    return lump.atMs - ((lump.frame - frame) * 1000) / sampleRate / (1 + this.#habits.ppm * 1e-6)
  }
}

/** The same sequence of numbers in [0, 1) for the same seed (Park and Miller's generator). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
