/**
 * When to send probes. Dense at first and after a disturbance, because nothing is known and somebody waits; then as
 * seldom as the path allows. The error falls with the square root of the number of probes, so their pace follows the
 * square of the uncertainty that is left: a quiet LAN settles near one probe a second, a busy Wi-Fi near twelve after a hundred at first.
 *
 * Cost: a probe and its reply are about 300 bytes on the wire with all headers. A thousand players on noisy paths make
 * 12,000 exchanges and 3.6 MB a second, on quiet ones a twelfth of that. If all of them begin at once they ask 25,000 times a second
 * for five seconds on any path, and up to 100,000 for half a minute on noisy ones, but no more than are answered before long.
 */

import type { Random } from './ports.js'
import { elapsedUs, type LocalUs, shift } from './reading.js'

/**
 * Between which intervals the pace may choose, by time since the start or the last disturbance, and how uncertain a path is
 * that is probed once a second; one with twice as much uncertainty is probed four times as often. Somebody listens
 * from the first second on. In 30 groups of four rooms on networks like those of the lab, p99 of the difference of two from the tenth second
 * to the hundredth, pooled: good Wi-Fi 55, busy 162, bad 854 µs at no more than 50 a second; 41, 143 and 798 µs so.
 */
const phases = [
  { untilUs: 5_000_000, shortestUs: 10_000, longestUs: 40_000, onePerSUs: 3 },
  { untilUs: 30_000_000, shortestUs: 10_000, longestUs: 100_000, onePerSUs: 3 },
  { untilUs: 90_000_000, shortestUs: 20_000, longestUs: 1_000_000, onePerSUs: 3 },
  { untilUs: Number.POSITIVE_INFINITY, shortestUs: 80_000, longestUs: 1_000_000, onePerSUs: 5 },
] as const
/**
 * However dense, this share of a middling round trip apart: in order nothing overtakes, and what waits behind its predecessor says nothing
 * new. It also keeps a server with more to answer than it can from getting ever more.
 */
const roundTripShare = 0.5
/** What a long queue does not make probes rarer than. */
const seldomUs = 80_000
/** The middling round trip is followed in steps of this share, up for one that is longer and down for one that is shorter. */
const roundTripStep = 0.05
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
  #middlingRoundTripUs: number | undefined
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

  /** Says that the answer to the probe sent at `sentAt` came at `at`; false if none such is outstanding. */
  answered(sentAt: LocalUs, at: LocalUs): boolean {
    const index = this.#outstanding.indexOf(sentAt)
    if (index < 0) return false
    this.#outstanding.splice(index, 1)
    // A clock that reads in coarse steps may show none, and no share of nothing would ever grow.
    const roundTripUs = Math.max(1, elapsedUs(sentAt, at))
    this.#middlingRoundTripUs ??= roundTripUs
    this.#middlingRoundTripUs *= roundTripUs > this.#middlingRoundTripUs ? 1 + roundTripStep : 1 - roundTripStep
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
    const wantedUs = 1e6 * (onePerSUs / this.#uncertaintyUs) ** 2
    const apartUs = Math.min(seldomUs, roundTripShare * (this.#middlingRoundTripUs ?? 0))
    return Math.min(longestUs, Math.max(shortestUs, wantedUs, apartUs))
  }
}
