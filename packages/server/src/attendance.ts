/** Whether somebody is there to hear what a group plays, and since when nobody has been. */
import { elapsedUs, type ServerUs } from '@tutti/clock'

export class Attendance {
  readonly #patienceUs: number
  #aloneSince: ServerUs | undefined

  /** @param patienceMs for how long a group may play to nobody: players that lost their network come back by then */
  constructor(patienceMs: number) {
    this.#patienceUs = patienceMs * 1000
  }

  /** Notes whether what plays is heard at `at`; since when it has not been, once that is too long. */
  abandonedSince(isHeard: boolean, at: ServerUs): ServerUs | undefined {
    if (isHeard) {
      this.#aloneSince = undefined
      return undefined
    }
    this.#aloneSince ??= at
    return elapsedUs(this.#aloneSince, at) < this.#patienceUs ? undefined : this.#aloneSince
  }

  /** Nothing plays any more. */
  reset(): void {
    this.#aloneSince = undefined
  }
}
