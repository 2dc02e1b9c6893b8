/**
 * Chance that is a function of a name. A generator forks by label, and what a fork draws depends on its path of labels
 * only, never on how much its parent or its siblings have drawn: one more draw in one place changes nothing elsewhere.
 */
import type { Random as RandomPort } from '@tutti/clock'

export class Random implements RandomPort {
  readonly #path: string
  #a: number
  #b: number
  #c: number
  #counter = 1
  #spareNormal: number | undefined

  /** Generators of equal paths draw equal numbers. */
  constructor(path: string | number) {
    this.#path = String(path)
    this.#a = hash(this.#path, 0x9e3779b9)
    this.#b = hash(this.#path, 0x243f6a88)
    this.#c = hash(this.#path, 0xb7e15162)
    for (let i = 0; i < 12; i++) this.#word() // sfc32 needs 12 rounds until every seed bit has reached every state bit
  }

  /** An independent stream; the same label always gives the same one. */
  fork(label: string | number): Random {
    return new Random(`${this.#path}/${label}`)
  }

  /** In [0, 1). */
  uniform(): number {
    return this.#word() / 2 ** 32
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.uniform() < probability
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform())
  }

  /** Standard normal (polar method of Marsaglia). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal
      this.#spareNormal = undefined
      return spare
    }
    for (;;) {
      const x = 2 * this.uniform() - 1
      const y = 2 * this.uniform() - 1
      const squared = x * x + y * y
      if (squared >= 1 || squared === 0) continue
      const factor = Math.sqrt((-2 * Math.log(squared)) / squared)
      this.#spareNormal = y * factor
      return x * factor
    }
  }

  /** Its logarithm is normal with standard deviation `sigma`. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal())
  }

  /** One step of sfc32 (Doty-Humphrey, PractRand): 32 random bits. */
  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** FNV-1a over the text, then mixed until each input bit has moved about half of the output bits (MurmurHash3's finish). */
function hash(text: string, basis: number): number {
  let h = basis
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
