/**
 * A line input: gives audio in its own time from when it is opened. It has a crystal of its own, which its re-clocking has dealt
 * with, so that what comes is in the world's time.
 */
import type { Alarm, World } from './world.js'

/** So much at a time: 10 ms, as sound cards do; in frames at 48 kHz. */
export const lineBlockFrames = 480
const blockUs = 10_000

export class LineInput {
  readonly #world: World
  readonly #give: (feed: number) => void
  readonly #alarm: Alarm
  #open: { readonly feed: number; readonly fromUs: number; blocks: number } | undefined

  /** @param give is called whenever `lineBlockFrames` have come in for a feed */
  constructor(world: World, give: (feed: number) => void) {
    this.#world = world
    this.#give = give
    this.#alarm = world.alarm(() => this.#capture())
  }

  /** The feed it is open for. */
  get feed(): number | undefined {
    return this.#open?.feed
  }

  open(feed: number): void {
    this.#open = { feed, fromUs: this.#world.nowUs, blocks: 0 }
    this.#alarm.set(this.#world.nowUs + blockUs)
  }

  close(): void {
    this.#open = undefined
    this.#alarm.clear()
  }

  #capture(): void {
    const open = this.#open
    if (open === undefined) return
    open.blocks++
    this.#alarm.set(open.fromUs + (open.blocks + 1) * blockUs)
    this.#give(open.feed)
  }
}
