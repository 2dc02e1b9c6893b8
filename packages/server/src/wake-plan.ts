/** When a group looks at itself next: at its pace, sooner where something is due, at once where something has come. */
import { type ServerUs, shift } from '@tutti/clock'

/** Something that is due but does not come must not make us spin. */
const leastPauseUs = 2000

export class WakePlan {
  readonly #paceUs: number
  #wakeAt: ServerUs | undefined

  /** @param paceMs longest time between two looks */
  constructor(paceMs: number) {
    this.#paceUs = paceMs * 1000
  }

  /** Undefined before anything has happened. */
  get wakeAt(): ServerUs | undefined {
    return this.#wakeAt
  }

  /** A look begins; the next one is a pace from now, unless something comes first. */
  look(at: ServerUs): void {
    this.#wakeAt = shift(at, this.#paceUs)
  }

  /** Something that was waited for may have come. */
  hurry(at: ServerUs): void {
    if (this.#wakeAt === undefined || this.#wakeAt > at) this.#wakeAt = at
  }

  /** Something will be due; undefined when nothing will. */
  comeBack(due: ServerUs | undefined, at: ServerUs): void {
    if (due === undefined || this.#wakeAt === undefined) return
    this.#wakeAt = Math.min(this.#wakeAt, Math.max(due, shift(at, leastPauseUs))) as ServerUs
  }
}
