/**
 * How much a live source has made by when. Frames arrive in lumps and late, never early: of the arrivals of a window the
 * least delayed says it best.
 */
import type { ServerUs } from '@tutti/clock'

/** How many frames had come by when. */
export interface Arrival {
  readonly frames: number
  readonly at: ServerUs
}

/** What a window has shown. */
export interface ArrivalWindow {
  readonly leastDelayed: Arrival
  /** How long it was, in µs. */
  readonly elapsedUs: number
}

const windowUs = 1_000_000

export class LiveArrivals {
  readonly #framesPerUs: number
  #windowStart: ServerUs | undefined
  /** The least delayed arrival of this window, and of the last. */
  #best: Arrival | undefined
  #lastBest: Arrival | undefined
  /** The least delayed before the source paused, until it goes on. */
  #missed: Arrival | undefined
  /** Of the first arrival since then. */
  #firstAt: ServerUs | undefined

  /** @param framesPerUs nominal, of the source */
  constructor(framesPerUs: number) {
    this.#framesPerUs = framesPerUs
  }

  /** When the first of what has come without a pause came. */
  get firstAt(): ServerUs | undefined {
    return this.#firstAt
  }

  /** The least delayed of this window. */
  get best(): Arrival | undefined {
    return this.#best
  }

  /** The least delayed of this window or, until something comes in it, of the last. */
  get latest(): Arrival | undefined {
    return this.#best ?? this.#lastBest
  }

  /** The least delayed of this window and the last. */
  get leastDelayed(): Arrival | undefined {
    if (this.#best === undefined || this.#lastBest === undefined) return this.latest
    return this.#leadOver(this.#best, this.#lastBest) > 0 ? this.#best : this.#lastBest
  }

  /**
   * How far a source that has given `frames` until `at` has fallen behind what the least delayed arrival promised, in µs;
   * undefined before the first.
   */
  lagUs(frames: number, at: ServerUs): number | undefined {
    const promise = this.leastDelayed ?? this.#missed
    return promise && this.#leadOver(promise, { frames, at }) / this.#framesPerUs
  }

  /** Notes that `frames` have come by `at`. */
  received(frames: number, at: ServerUs): void {
    const arrival = { frames, at }
    this.#missed = undefined
    this.#firstAt ??= at
    if (this.#best === undefined || this.#leadOver(arrival, this.#best) > 0) this.#best = arrival
  }

  /** Nothing comes: what does next is looked at afresh. */
  pause(): void {
    this.#firstAt = undefined
    this.#missed = this.leastDelayed
    this.#best = undefined
    this.#lastBest = undefined
  }

  /** A window begins now, with what has come in this one. */
  restartWindow(at: ServerUs): void {
    this.#windowStart = at
  }

  /** Begins the next window if this one is over and something has come in it: the result is what it has shown. */
  endWindow(at: ServerUs): ArrivalWindow | undefined {
    const elapsedUs = at - (this.#windowStart ?? at)
    const leastDelayed = this.#best
    if (elapsedUs < windowUs || leastDelayed === undefined) return undefined
    this.passWindow(at)
    return { leastDelayed, elapsedUs }
  }

  /** Begins the next window if this one is over, or none has begun. */
  passWindow(at: ServerUs): void {
    if (this.#windowStart !== undefined && at - this.#windowStart < windowUs) return
    this.#windowStart = at
    this.#lastBest = this.#best
    this.#best = undefined
  }

  /** How many frames `arrival` is ahead of a line through `other` at the nominal rate. */
  #leadOver(arrival: Arrival, other: Arrival): number {
    return arrival.frames - other.frames - (arrival.at - other.at) * this.#framesPerUs
  }
}
