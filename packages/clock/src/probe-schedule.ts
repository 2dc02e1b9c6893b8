/**
 * When to send probes. Dense at first and after a disturbance, because nothing is known and somebody waits; then as
 * seldom as the path allows. The error falls with the square root of the number of probes, so their pace follows the
 * uncertainty that is left: a quiet LAN settles near one probe a second, a busy Wi-Fi stays near twelve after fifty at first.
 *
 * Cost: a probe and its reply are about 300 bytes on the wire with all headers. A thousand players on bad paths make
 * 12,000 exchanges and 3.6 MB a second, on quiet ones a twelfth of that; if all of them begin at once, 50,000 for the first
 * forty seconds on bad paths, and 25,000 for five seconds on any.
 */

import type { Random } from './ports.js'
import { elapsedUs, type LocalUs, shift } from './reading.js'

/**
 * Between which intervals the pace may choose, by time since the start or the last disturbance, and how uncertain a path is
 * that is probed once a second; one with twice as much uncertainty is probed twice as often. Somebody listens
 * from the first second on, and the error falls with the square root of what has been asked: in 40 simulated rooms on
 * busy Wi-Fi, p99 of the difference of two rooms from the tenth second to the 150th: 219 µs at 40, 25 and 12 a second, 160 µs so.
 */
const phases = [
  { untilUs: 5_000_000, shortestUs: 20_000, longestUs: 40_000, onePerSUs: 1 },
  { untilUs: 15_000_000, shortestUs: 20_000, longestUs: 100_000, onePerSUs: 1 },
  { untilUs: 40_000_000, shortestUs: 20_000, longestUs: 1_000_000, onePerSUs: 1 },
  { untilUs: 90_000_000, shortestUs: 40_000, longestUs: 1_000_000, onePerSUs: 1 },
  { untilUs: Number.POSITIVE_INFINITY, shortestUs: 80_000, longestUs: 1_000_000, onePerSUs: 3 },
] as const
/** Each interval is up to this share longer or shorter, so that a thousand clients do not march in step. */
const jitterShare = 0.25
/** More would queue behind each other in a stall and say nothing new. */
const maxOutstanding = 8
const lostAfterUs = 5_000_000

export class ProbeSchedule {
  readonly #random: Random
  #denseSince: LocalUs | undefined
  #nextAt: LocalUs | undefined
  #uncertaintyUs = Number.POSITIVE_INFINITY
  #lost = 0
  /** When the unanswered probes were sent, oldest first. */
  readonly #outstanding: LocalUs[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** When to send the next probe; undefined before the first `probeDensely`. May lie in the past: then send now. */
  get dueAt(): LocalUs | undefined {
    if (this.#nextAt === undefined || this.#outstanding.length < maxOutstanding) return this.#nextAt
    const oldestLostAt = shift(this.#outstanding[0]!, lostAfterUs)
    return Math.max(oldestLostAt, this.#nextAt) as LocalUs
  }

  /** Probes never answered. */
  get lost(): number {
    return this.#lost
  }

  get outstanding(): number {
    return this.#outstanding.length
  }

  /** What was asked before will not be answered. The first probe is due at once. */
  begin(at: LocalUs): void {
    this.#lost += this.#outstanding.length
    this.#outstanding.length = 0
    this.probeDensely(at)
  }

  /** Starts, or starts over, with the dense phase. The first probe is due at once. */
  probeDensely(at: LocalUs): void {
    this.#denseSince = at
    this.#nextAt = at
  }

  /** Asks for the next probe within the shortest interval: something needs to be confirmed. */
  hurry(at: LocalUs): void {
    const soon = shift(at, phases[0].shortestUs)
    if (this.#nextAt !== undefined && this.#nextAt > soon) this.#nextAt = soon
  }

  sent(at: LocalUs): void {
    this.#giveUpOn(at)
    this.#outstanding.push(at)
    this.#nextAt = shift(at, Math.round(this.#intervalUs(at) * (1 + jitterShare * (2 * this.#random.uniform() - 1))))
  }

  /** Says that the probe sent at `sentAt` was answered; false if none such is outstanding. */
  answered(sentAt: LocalUs): boolean {
    const index = this.#outstanding.indexOf(sentAt)
    if (index < 0) return false
    this.#outstanding.splice(index, 1)
    return true
  }

  /** How uncertain the offset is now, standard deviation in µs: sets the pace once the dense phase is over. */
  pace(uncertaintyUs: number): void {
    this.#uncertaintyUs = uncertaintyUs
  }

  #giveUpOn(at: LocalUs): void {
    while (this.#outstanding.length > 0 && shift(this.#outstanding[0]!, lostAfterUs) <= at) {
      this.#outstanding.shift()
      this.#lost++
    }
  }

  #intervalUs(at: LocalUs): number {
    const sinceUs = this.#denseSince === undefined ? 0 : elapsedUs(this.#denseSince, at)
    const { shortestUs, longestUs, onePerSUs } = phases.find((phase) => sinceUs < phase.untilUs)!
    const wantedUs = (1e6 * onePerSUs) / this.#uncertaintyUs
    return Math.min(longestUs, Math.max(shortestUs, wantedUs))
  }
}
