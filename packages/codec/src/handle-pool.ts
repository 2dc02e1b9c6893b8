/**
 * One codec state in use and a fresh one to swap in, for a library that creates states only asynchronously and cannot
 * reset one.
 *
 * The fresh one is replaced within the same tick of the event loop, once the call stack is empty. Should it be wanted again before that, the used state stays:
 * for Opus, 2.5 ms of cross-fade with the past.
 */
export class HandlePool<Handle extends { free(): void }> {
  #current: Handle
  #spare: Handle | undefined
  #isUsed = false
  #isFreed = false
  readonly #create: () => Promise<Handle>

  private constructor(current: Handle, spare: Handle, create: () => Promise<Handle>) {
    this.#current = current
    this.#spare = spare
    this.#create = create
  }

  static async fill<H extends { free(): void }>(create: () => Promise<H>): Promise<HandlePool<H>> {
    return new HandlePool(await create(), await create(), create)
  }

  /** The current state, for something that leaves it as it is. */
  peek(): Handle {
    return this.#current
  }

  /** The current state, for something that gives it a past. */
  use(): Handle {
    this.#isUsed = true
    return this.#current
  }

  /** Makes a state without a past the current one. */
  renew(): void {
    if (!this.#isUsed || this.#isFreed || this.#spare === undefined) return
    this.#current.free()
    this.#current = this.#spare
    this.#spare = undefined
    this.#isUsed = false
    this.#create().then(
      (handle) => {
        if (this.#isFreed) handle.free()
        else this.#spare = handle
      },
      () => undefined, // out of memory: the state in use stays
    )
  }

  free(): void {
    this.#isFreed = true
    this.#current.free()
    this.#spare?.free()
  }
}
