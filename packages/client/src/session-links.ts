/**
 * Which connection is the session's, and which others wait to become it. A player that dials has one; one that lets
 * itself be dialled may be courted by several servers at a time.
 */

/** A connection, by a number the adapter chose and never uses again. */
export type Link = number

export class SessionLinks {
  #current: Link | undefined
  readonly #mostCandidates: number
  readonly #candidates: Link[] = []

  /** So many may wait for their hello while another one is the session's. */
  constructor(mostCandidates: number) {
    this.#mostCandidates = mostCandidates
  }

  /** The session's own. */
  get current(): Link | undefined {
    return this.#current
  }

  /** Takes in a new connection; returns one that has to go in its favour. */
  open(link: Link): Link | undefined {
    if (this.#current === undefined) {
      this.#current = link
      return undefined
    }
    this.#candidates.push(link)
    return this.#candidates.length > this.#mostCandidates ? this.#candidates.shift() : undefined
  }

  /** Whether it waits for its hello to be heard. */
  isCandidate(link: Link): boolean {
    return this.#candidates.includes(link)
  }

  /** A candidate becomes the session's own; the one before is forgotten. */
  promote(link: Link): void {
    this.forget(link)
    this.#current = link
  }

  /** Where the session has lost its own, the next in line becomes that; undefined when there is none. */
  succeed(): Link | undefined {
    this.#current ??= this.#candidates.shift()
    return this.#current
  }

  /** The connection is gone; true when it was the session's own. */
  forget(link: Link): boolean {
    const index = this.#candidates.indexOf(link)
    if (index >= 0) this.#candidates.splice(index, 1)
    if (link !== this.#current) return false
    this.#current = undefined
    return true
  }

  /** All there are. */
  get all(): readonly Link[] {
    return this.#current === undefined ? [...this.#candidates] : [this.#current, ...this.#candidates]
  }
}
