/** The discrete Fourier transform for lengths that are powers of two (Cooley and Tukey 1965), in place. */
export class Fft {
  readonly length: number
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #reversed: Uint32Array

  /** `length` must be a power of two, at least 2. */
  constructor(length: number) {
    const bits = Math.log2(length)
    if (!Number.isInteger(bits) || bits < 1) throw new RangeError(`${length} is no power of two`)
    this.length = length
    this.#cos = Float64Array.from({ length: length / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / length))
    this.#sin = Float64Array.from({ length: length / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / length))
    this.#reversed = new Uint32Array(length)
    for (let i = 1; i < length; i++) this.#reversed[i] = (this.#reversed[i >> 1]! >> 1) | ((i & 1) << (bits - 1))
  }

  /** Multiplies by e^(−2πi·jk/length) and sums; the inverse, times `length`, is the same with `re` and `im` exchanged. */
  transform(re: Float64Array, im: Float64Array): void {
    this.#reorder(re)
    this.#reorder(im)
    for (let half = 1; half < this.length; half *= 2) {
      const stride = this.length / (2 * half)
      for (let start = 0; start < this.length; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const a = start + k
          const b = a + half
          const cos = this.#cos[k * stride]!
          const sin = this.#sin[k * stride]!
          const real = re[b]! * cos + im[b]! * sin
          const imaginary = im[b]! * cos - re[b]! * sin
          re[b] = re[a]! - real
          im[b] = im[a]! - imaginary
          re[a]! += real
          im[a]! += imaginary
        }
      }
    }
  }

  #reorder(values: Float64Array): void {
    for (let i = 0; i < this.length; i++) {
      const j = this.#reversed[i]!
      if (j <= i) continue
      const value = values[i]!
      values[i] = values[j]!
      values[j] = value
    }
  }
}
