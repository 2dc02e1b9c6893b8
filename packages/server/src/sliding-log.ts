/** A queue whose entries keep their number: added at the end, forgotten from the front, read anywhere in between. */
export class SlidingLog<Entry> {
  #slots: (Entry | undefined)[] = new Array(64)
  #first = 0
  #end = 0

  /** Number of the oldest entry that is still there. */
  get first(): number {
    return this.#first
  }

  /** Number the next entry will get. */
  get end(): number {
    return this.#end
  }

  get(number: number): Entry | undefined {
    return number >= this.#first && number < this.#end ? this.#slots[number & (this.#slots.length - 1)] : undefined
  }

  push(entry: Entry): void {
    if (this.#end - this.#first === this.#slots.length) this.#grow()
    this.#slots[this.#end++ & (this.#slots.length - 1)] = entry
  }

  forgetFirst(): void {
    if (this.#first === this.#end) return
    this.#slots[this.#first++ & (this.#slots.length - 1)] = undefined
  }

  /** Forgets everything; numbers go on. */
  clear(): void {
    while (this.#first < this.#end) this.forgetFirst()
  }

  #grow(): void {
    const slots: (Entry | undefined)[] = new Array(this.#slots.length * 2) // a power of two, for the masks
    for (let number = this.#first; number < this.#end; number++) slots[number & (slots.length - 1)] = this.get(number)
    this.#slots = slots
  }
}
