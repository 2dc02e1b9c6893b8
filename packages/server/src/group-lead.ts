/**
 * How far ahead of its time a group's audio must be: as far as the player that needs most asks for, and for live audio no
 * further. Microseconds throughout.
 */
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import type { Deck } from './deck.js'
import type { LiveEdge } from './live-edge.js'
import type { Member } from './member.js'
import { bufferAheadUs, leastAheadUs, startAheadUs } from './player-timing.js'

/** The longest chunk (150 ms by the specification) must be whole before it can go, and waits for the next look. */
const packetSlackUs = 250_000
/** Asked of a live source beyond what is needed: it is to be its own clock that holds it back. */
const liveAskUs = 250_000
/** Live audio is collected for this share of what players buffer, up to the pace at which the group looks at itself. */
const batchPerBuffer = 1 / 8
/** Timers wake us late by so much. */
const liveSlackUs = 1_000

export class GroupLead<B extends Block, Payload> {
  /** Of the source that is open. */
  edge: LiveEdge<B>
  readonly #config: Pick<CoordinatorConfig<B>, 'paceMs' | 'sendAheadMs'>
  readonly #members: readonly Member<B, Payload>[]
  readonly #deck: Pick<Deck<B>, 'isLive' | 'reader'>

  /** `members` is the list of the group, as it changes. */
  constructor(
    config: Pick<CoordinatorConfig<B>, 'paceMs' | 'sendAheadMs'>,
    members: readonly Member<B, Payload>[],
    deck: Pick<Deck<B>, 'isLive' | 'reader'>,
    edge: LiveEdge<B>,
  ) {
    this.#config = config
    this.#members = members
    this.#deck = deck
    this.edge = edge
  }

  /** Least audio that must lie ahead so that nobody runs dry. */
  get floorUs(): number {
    const { isLive, reader } = this.#deck
    if (!isLive && !reader.followsLive) return packetSlackUs + this.#most(({ timing }) => bufferAheadUs(timing))
    const floorUs = this.#most(({ timing, stream }) => stream!.encoding.holdUs + leastAheadUs(timing))
    // A room that asks for more gets it by bending: what it does not have yet is nobody's lateness.
    const neededUs = this.liveUs
    return (floorUs * Math.min(this.edge.reachedUs ?? neededUs, neededUs)) / neededUs
  }

  /** How long before its last frame is due a block of live audio must come. */
  get liveUs(): number {
    const mostUs = this.#most(({ timing, stream }) => stream!.encoding.holdUs + bufferAheadUs(timing))
    return Math.max(mostUs + this.edge.blockUs + this.batchUs + liveSlackUs, this.edge.leastLeadUs)
  }

  /** How much live audio is sent at once: the more time between packets, the less clock replies wait behind them. */
  get batchUs(): number {
    const beyondPacketUs = this.#most(
      ({ timing, stream }) => batchPerBuffer * timing.minBufferMs * 1000 - stream!.encoding.holdUs,
    )
    return Math.min(this.#config.paceMs * 1000, beyondPacketUs)
  }

  /** Between a start and its first sound. */
  get startUs(): number {
    return this.#deck.isLive ? this.liveUs : this.#most(({ timing }) => startAheadUs(timing))
  }

  /** What a late joiner can have: live audio is never further ahead than its players need. */
  get joinUs(): number {
    return this.#deck.isLive ? this.#most(({ timing }) => bufferAheadUs(timing)) : this.sendAheadUs - packetSlackUs
  }

  /** How far ahead audio is sent. */
  get sendAheadUs(): number {
    if (this.#deck.isLive) return this.startUs + liveAskUs
    return Math.max(this.#config.sendAheadMs * 1000, this.startUs + packetSlackUs)
  }

  #most(needUs: (member: Member<B, Payload>) => number): number {
    let most = 0
    for (const member of this.#members) if (member.stream !== undefined) most = Math.max(most, needUs(member))
    return most
  }
}
