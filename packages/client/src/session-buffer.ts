/**
 * How much live audio the server is asked to keep queued here: what the device holds, what the path always takes, and
 * what it takes at worst. It grows at once and shrinks in steps, because a server passes every change on to all rooms.
 */
import type { LocalUs } from '@tutti/clock'
import { ArrivalTail } from './arrival-tail.js'
import type { Telemetry } from './telemetry.js'

/** Between what a measured buffer stays, in ms. */
export interface BufferBounds {
  readonly leastMs: number
  readonly mostMs: number
}

/** Round trips of the first exchanges, in µs. A program that has just started delays the slower half of them. */
export interface RoundTrips {
  readonly leastUs: number
  readonly lowerQuartileUs: number
}

/** What a path was like when a player left it, so that the next start need not guess. */
export interface RememberedTail {
  /** What was guessed of it from its first exchanges: another guess is another path. */
  readonly guessUs: number
  /** The worst lateness seen, over minutes. */
  readonly tailUs: number
}

/** Beyond two seconds live audio is no longer live, and no network that bad plays music. */
export const bufferBounds: BufferBounds = { leastMs: 20, mostMs: 2000 }

/** A path this quick and this even is taken for a cable: Wi-Fi takes 2 ms both ways, seldom 1, and not twice the same. */
const cable = { leastUs: 2_000, spreadUs: 1_000 }
/** Guessed of a cable: the pauses of two event loops and their machines, and so many times what the exchanges differed. */
const cableTailUs = 17_000
const cableSpreads = 5
/**
 * Kept whatever is known of the path until audio has come for `startUs`: rooms that are switched on together are late by themselves.
 * What is too much of it afterwards is bent away.
 */
const startTailUs = 24_000
const startUs = 30_000_000
/**
 * Guessed of everything else: a lost packet, which TCP misses as soon as later ones arrive (RFC 8985), and a stall besides; or so
 * many times what the exchanges differed. What makes exchanges differ on the air, contention and repetition, is what makes stalls and losses;
 * the factor is what the profiles of the lab were found to need (good 0.5 ms and 0.1 s, busy 3.5 ms and 0.4 s, bad 11 ms
 * and 1.4 s).
 */
const radioTailUs = 100_000
const radioSpreads = 130
/** Guesses go up to the next of a series in such steps, so that rooms on like paths agree and none moves the others. */
const guessStep = 1.5
/** Kept beyond the worst that was seen. */
const tailMargin = 1.25
/** From a chunk's arrival to its sound, apart from the device's queue and a period: decoding, and the filter's reach. */
const readyUs = 2_000
/** A device may render all it holds at a time, having two periods; one that waits for what is late renders a fifth of it. */
const longestPeriodUs = 40_000
/** Of a device that has not told its queue yet. */
const unknownQueueUs = 80_000
/**
 * A device is asked to hold this share of what is kept for the network, of which it gives most back by waiting for what is
 * late; but no less than a busy machine may take to come back to it.
 */
const queueShare = 1 / 3
export const leastQueueUs = 18_000
/** After each underrun it holds so much more, up to so much, and `strainStepUs` more are asked for: first a little, then room. */
const underrunStepUs = 8_000
const mostUnderrunUs = 32_000
/** Devices with short periods hold no more than this, and a third more while they render; others may render all they hold at a time. */
const chosenQueueUs = 35_000
/** Where more than this lies decoded, until it is less than that, the device holds as much as it can: nobody waits for it. */
const ampleUs = 600_000
const scarceUs = 400_000
const ampleQueueUs = 500_000
/** A device that is to hold less has played what it has too much of after so long. */
const drainUs = 500_000
const stepMs = 1
/** Less is asked for only when it is so much less. */
const shrinkShare = 0.8
/** Longer ahead than the longest buffer and the longest packet is audio from a file: how it arrives says nothing. */
const liveSlackUs = 300_000
/** A room that has been given what it asked for and is silent for so long needs more, by so much. */
const silentUs = 1_000_000
const strainStepUs = 10_000
const enoughUs = 5_000
/** Chunks come more often than this, while they come. */
const feedUs = 200_000
/** A program that has just started is late by itself; that passes, and says nothing of the path. */
const warmUpUs = 3_000_000
/** A device that says more has not begun to play. */
const longestQueueUs = 2_000_000
/** How long the device's longest queue counts. */
const queueTurnUs = 30_000_000

export class SessionBuffer {
  readonly #fixedMs: number | undefined
  readonly #bounds: BufferBounds
  #tail: ArrivalTail | undefined
  #guessUs = radioTailUs
  #isGuessing = true
  #pathUs = 0
  #underruns: number | undefined
  #underrunUs = 0
  #isAmple = false
  /** When it was last seen to hold more than it is to, for want of time to play it. */
  #overfullAt: LocalUs | undefined
  #queueUs: number | undefined
  #queueSince: LocalUs | undefined
  #lastQueueUs = 0
  #slackUs = 0
  #strainUs = 0
  #silentSince: LocalUs | undefined
  #firstArrivedAt: LocalUs | undefined
  #isStarting = true
  #arrivedAt: LocalUs | undefined
  #aheadUs = 0
  #askedMs: number | undefined

  /** @param fixedMs what is asked for whatever is measured; undefined to go by that */
  constructor(fixedMs: number | undefined, bounds: BufferBounds) {
    this.#fixedMs = fixedMs
    this.#bounds = bounds
  }

  /** Audio the server should keep queued here, in ms. */
  get minBufferMs(): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs
    const wantedMs = this.#wantedMs()
    if (this.#askedMs === undefined || wantedMs > this.#askedMs || wantedMs < shrinkShare * this.#askedMs)
      this.#askedMs = wantedMs
    return this.#askedMs
  }

  /** Audio the device should hold, in ms; devices that cannot choose hold what they do. */
  get queueMs(): number {
    return this.#queueGoalUs / 1000
  }

  get #queueGoalUs(): number {
    if (this.#isAmple) return ampleQueueUs
    const reserveUs = this.#fixedMs === undefined ? (this.#tail ? this.#tailUs : 0) : this.#fixedMs * 1000
    return Math.max(leastQueueUs + this.#underrunUs, queueShare * reserveUs)
  }

  /** What the path was found to be like; undefined until minutes have shown it. */
  get remembered(): RememberedTail | undefined {
    const tailUs = this.#tail?.seenUs
    return tailUs === undefined ? undefined : { guessUs: this.#guessUs, tailUs }
  }

  /**
   * Takes what the first exchanges say of the path. They may be told again while more of them come: what has arrived
   * meanwhile says more, and ends the guessing.
   */
  learn({ leastUs, lowerQuartileUs }: RoundTrips, remembered: RememberedTail | undefined): void {
    if (!this.#isGuessing) return
    const guessUs = Math.min(guessTailUs(leastUs, lowerQuartileUs - leastUs), this.#bounds.mostMs * 1000)
    if (this.#tail !== undefined && guessUs === this.#guessUs) return
    this.#guessUs = guessUs
    const assumedUs = remembered?.guessUs === guessUs ? tailMargin * remembered.tailUs : guessUs
    this.#tail = new ArrivalTail(this.#bounds.mostMs * 1000, assumedUs, radioTailUs)
    this.#pathUs = leastUs / 2
    this.#askedMs = undefined
  }

  /** What follows is a new stream, or another part of the old one. */
  restart(): void {
    this.#tail?.restart()
  }

  /** Notes that a chunk came at `at`, `aheadUs` before it is due. */
  arrived(aheadUs: number, at: LocalUs): void {
    this.#arrivedAt = at
    this.#aheadUs = aheadUs
    this.#isGuessing = false
    this.#firstArrivedAt ??= at
    if (this.#isStarting && at - this.#firstArrivedAt >= startUs) {
      this.#isStarting = false
      this.#askedMs = undefined
    }
    if (at - this.#firstArrivedAt < warmUpUs) return
    if (aheadUs > this.#bounds.mostMs * 1000 + liveSlackUs) this.#tail?.restart()
    else this.#tail?.arrived(aheadUs, at)
  }

  /** Notes when the device will play what it was given last, and what follows it `outputDelayUs` later. */
  reported({ heardAt, state, bufferedUs, underruns, slackUs }: Telemetry, outputDelayUs: number, at: LocalUs): void {
    this.#strain(state !== 'playing', at)
    if (underruns > (this.#underruns ?? underruns) && this.#underrunUs < mostUnderrunUs) {
      this.#underrunUs += underrunStepUs
      this.#strainUs += strainStepUs
    }
    this.#isAmple = bufferedUs > (this.#isAmple ? scarceUs : ampleUs)
    // What the device holds then, or after an underrun, is no measure of what it must hold otherwise.
    if (this.#isAmple || underruns > (this.#underruns ?? underruns)) this.#overfullAt = at
    this.#underruns = underruns
    if (this.#overfullAt !== undefined && at - this.#overfullAt < drainUs) return
    // The report is old by up to a poll: the longest queue of many is the one that had just been told.
    const queueUs = heardAt - outputDelayUs - at
    if (!(queueUs > 0 && queueUs < longestQueueUs)) return
    this.#slackUs = slackUs
    this.#queueSince ??= at
    if (at - this.#queueSince > queueTurnUs) {
      this.#queueSince = at
      this.#lastQueueUs = this.#queueUs ?? 0
      this.#queueUs = undefined
    }
    // Before there is anything to play the device may still be told to hold another amount.
    this.#queueUs = this.#isGuessing ? queueUs : Math.max(this.#queueUs ?? 0, queueUs)
  }

  /** Notes whether the room is silent. Chunks that come in time and yet are not heard show that too little was asked for. */
  #strain(isSilent: boolean, at: LocalUs): void {
    const isFed = this.#arrivedAt !== undefined && at - this.#arrivedAt < feedUs
    if (!isSilent || !isFed) this.#silentSince = undefined
    else this.#silentSince ??= at
    const askedUs = (this.#askedMs ?? 0) * 1000
    if (this.#silentSince === undefined || at - this.#silentSince < silentUs + askedUs) return
    this.#silentSince = at
    if (this.#aheadUs > askedUs - this.#pathUs - enoughUs) this.#strainUs += strainStepUs
  }

  #wantedMs(): number {
    const { leastMs, mostMs } = this.#bounds
    const queueUs = Math.max(this.#queueUs ?? (this.#lastQueueUs || unknownQueueUs), this.#lastQueueUs)
    const periodUs = this.#periodUs(queueUs)
    // What the device holds is played on while audio is late: the two are one reserve.
    const reserveUs = Math.max(0, this.#tailUs - this.#slackUs)
    const neededMs = (readyUs + this.#strainUs + queueUs + periodUs + this.#pathUs + reserveUs) / 1000
    return Math.min(mostMs, Math.max(leastMs, Math.ceil(neededMs / stepMs) * stepMs))
  }

  /** Rendered at a time by a device that was seen to hold `queueUs` before. */
  #periodUs(queueUs: number): number {
    if (this.#slackUs > 0) return queueUs / 4
    return queueUs <= chosenQueueUs ? queueUs / 3 : Math.min(queueUs, longestPeriodUs)
  }

  /** What is kept for the network: more than the worst that was seen, or what is assumed of it. */
  get #tailUs(): number {
    if (this.#tail === undefined) return radioTailUs
    return Math.max(this.#tail.assumedUs, tailMargin * this.#tail.lateUs, this.#isStarting ? startTailUs : 0)
  }
}

/** How late audio will be at worst over a path whose exchanges take `leastUs` and mostly `spreadUs` more. */
function guessTailUs(leastUs: number, spreadUs: number): number {
  const isCable = leastUs < cable.leastUs && spreadUs < cable.spreadUs
  if (isCable) return cableTailUs + cableSpreads * spreadUs
  const steps = Math.ceil(Math.log((radioSpreads * spreadUs) / radioTailUs) / Math.log(guessStep))
  return radioTailUs * guessStep ** Math.max(0, steps)
}
