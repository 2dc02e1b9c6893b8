/**
 * Reads a byte array as a string of bits, most significant first.
 *
 * Past the end it reads zeros and says so in `isExhausted`, so that a parser can run to its end on any input and be
 * asked once whether what it read was there.
 */
export class BitReader {
  readonly #bytes: Uint8Array
  #bit: number

  constructor(bytes: Uint8Array, atByte: number) {
    this.#bytes = bytes
    this.#bit = atByte * 8
  }

  get isExhausted(): boolean {
    return this.#bit > this.#bytes.length * 8
  }

  /** The first byte not yet begun. */
  get byte(): number {
    return (this.#bit + 7) >>> 3
  }

  /** The next `count` bits, 0 to 32 of them. */
  unsigned(count: number): number {
    if (count === 0) return 0
    const value = this.#window() >>> (32 - count)
    this.#bit += count
    return value
  }

  /** The next `count` bits, 0 to 32 of them, in two's complement. */
  signed(count: number): number {
    if (count === 0) return 0
    const value = this.#window() >> (32 - count)
    this.#bit += count
    return value
  }

  /** The number of zeros before the next one, which is read too. */
  unary(): number {
    let zeros = 0
    while (!this.isExhausted) {
      const run = Math.clz32(this.#window())
      if (run < 32) {
        this.#bit += run + 1
        return zeros + run
      }
      zeros += 32
      this.#bit += 32
    }
    return zeros
  }

  /** A Rice code: a unary quotient, then `parameter` bits of remainder. Most end within 32 bits and cost one look. */
  rice(parameter: number): number {
    const window = this.#window()
    const quotient = Math.clz32(window)
    const length = quotient + 1 + parameter
    if (length > 32) return (this.unary() << parameter) | this.unsigned(parameter)
    this.#bit += length
    return parameter === 0 ? quotient : (quotient << parameter) | ((window << (quotient + 1)) >>> (32 - parameter))
  }

  alignToByte(): void {
    this.#bit = this.byte * 8
  }

  /** The next 32 bits. */
  #window(): number {
    const bytes = this.#bytes
    const at = this.#bit >>> 3
    const shift = this.#bit & 7
    // An index past the end gives undefined, which these operators take as zero.
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    return shift === 0 ? word : (word << shift) | (bytes[at + 4]! >>> (8 - shift))
  }
}
