/**
 * A few numbers handed from one writing thread to any reading one, always as a consistent set, with no locks.
 *
 * There are two slots. The writer fills the one readers are not pointed at, then turns the version; a reader whose
 * version is unchanged after copying has a whole copy. Unlike in a plain seqlock, a writer descheduled half-way holds
 * nobody up: a reader repeats itself only when a newer record was finished meanwhile (Linux: `seqcount_latch`,
 * Documentation/locking/seqlock.rst). Words are copied with `Atomics`, because plain accesses around an atomic one may
 * be reordered on ARM, and ECMAScript promises an order among atomic ones only. Works over an ArrayBuffer too.
 */
const versionWords = 2 // one is used; the second keeps what follows aligned to 8 bytes

export class SharedRecord {
  /** This side's copy: a writer fills it and publishes, a reader refreshes and looks. */
  readonly values: Float64Array
  readonly #words: Int32Array
  readonly #shared: Int32Array
  #seen = 0

  /** Bytes that a record of `length` numbers takes. */
  static bytes(length: number): number {
    return versionWords * 4 + 2 * length * 8
  }

  /** A view of the record at `byteOffset` (a multiple of 8) of a zeroed or already used buffer. */
  constructor(buffer: ArrayBufferLike, byteOffset: number, length: number) {
    this.values = new Float64Array(length)
    this.#words = new Int32Array(this.values.buffer)
    this.#shared = new Int32Array(buffer, byteOffset, SharedRecord.bytes(length) / 4)
  }

  /** Makes `values` visible to readers. One thread only may call this. */
  publish(): void {
    const shared = this.#shared
    const words = this.#words
    const version = (Atomics.load(shared, 0) + 1) | 0
    const slot = versionWords + (version & 1) * words.length
    for (let i = 0; i < words.length; i++) Atomics.store(shared, slot + i, words[i]!)
    Atomics.store(shared, 0, version)
    this.#seen = version
  }

  /** Copies the newest record into `values`; false, at the price of one load, when it is there already. */
  refresh(): boolean {
    const shared = this.#shared
    let version = Atomics.load(shared, 0)
    if (version === this.#seen) return false
    const words = this.#words
    for (;;) {
      const slot = versionWords + (version & 1) * words.length
      for (let i = 0; i < words.length; i++) words[i] = Atomics.load(shared, slot + i)
      const after = Atomics.load(shared, 0)
      if (after === version) break
      version = after
    }
    this.#seen = version
    return true
  }
}
