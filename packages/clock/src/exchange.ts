/**
 * One question and answer between two clocks: the four readings of RFC 5905 section 8 and what they say.
 *
 * The offset they imply is exact when the network is equally slow both ways, and wrong by at most half the round
 * trip when it is not. Nothing here reads a clock or sends a packet; callers pass readings in.
 */
import { elapsedUs, type LocalUs, type ServerUs } from './reading.js'

/** The four readings of one exchange, in the order they are taken. */
export interface Exchange {
  readonly requestSentAt: LocalUs
  readonly requestReceivedAt: ServerUs
  readonly replySentAt: ServerUs
  readonly replyReceivedAt: LocalUs
}

/** What one exchange says about the server's clock. */
export interface OffsetSample {
  /** Server clock minus local clock, in microseconds, if both ways were equally slow. */
  readonly offsetUs: number
  /** Time spent on the network, both ways together, in microseconds. */
  readonly roundTripUs: number
  /** The offset cannot be larger than this, whatever the network did: offset plus the delay outward. */
  readonly highestUs: number
  /** The offset cannot be smaller than this: offset minus the delay back. */
  readonly lowestUs: number
  /** Middle of the exchange on the local clock, the instant `offsetUs` speaks of. */
  readonly takenAt: LocalUs
}

export function measureOffset(exchange: Exchange): OffsetSample {
  const highestUs = exchange.requestReceivedAt - exchange.requestSentAt
  const lowestUs = exchange.replySentAt - exchange.replyReceivedAt
  const halfwayUs = elapsedUs(exchange.requestSentAt, exchange.replyReceivedAt) / 2
  return {
    offsetUs: (highestUs + lowestUs) / 2,
    roundTripUs: highestUs - lowestUs,
    highestUs,
    lowestUs,
    takenAt: (exchange.requestSentAt + halfwayUs) as LocalUs,
  }
}
