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
    return floorUs * this.#reachedShare // what is still being bent in is nobody's lateness
  }

  /** How long before its last frame is due a block of live audio must come. */
  get liveUs(): number {
    return Math.max(this.#most(neededUs) + this.edge.blockUs + this.#fullBatchUs + liveSlackUs, this.edge.leastLeadUs)
  }

  /** How much live audio is sent at once: the more time between packets, the less clock replies wait behind them. */
  get batchUs(): number {
    const { reachedUs } = this.edge
    if (reachedUs === undefined || this.missingUs === 0) return this.#fullBatchUs
    // A room that asks for more than there is takes nothing from those that have what they need.
    const packedUs = reachedUs - this.edge.blockUs - liveSlackUs
    const spareUs = packedUs - this.#most((member) => (neededUs(member) <= packedUs ? neededUs(member) : 0))
    return Math.min(this.#fullBatchUs * this.#reachedShare, spareUs)
  }

  get #fullBatchUs(): number {
    const { blockUs } = this.edge
    const beyondPacketUs = this.#most(
      ({ timing, stream }) => batchPerBuffer * timing.minBufferMs * 1000 - Math.max(stream!.encoding.holdUs, blockUs),
    )
    return Math.min(this.#config.paceMs * 1000, beyondPacketUs)
  }

  /** Between a start and its first sound. */
  get startUs(): number {
    return this.#deck.isLive ? this.liveUs : this.#most(({ timing }) => startAheadUs(timing))
  }

  /** What a late joiner can have: live audio is never further ahead than its players need, and may not be as far yet. */
  get joinUs(): number {
    if (!this.#deck.isLive) return this.sendAheadUs - packetSlackUs
    return Math.max(0, this.#most(({ timing }) => bufferAheadUs(timing)) - this.missingUs)
  }

  /** What live audio lacks of the lead its players ask for; 0 where nothing is lacking, or nothing is live. */
  get missingUs(): number {
    const reachedUs = this.#deck.isLive ? this.edge.reachedUs : undefined
    return reachedUs === undefined ? 0 : Math.max(0, this.liveUs - reachedUs)
  }

  /** How far ahead audio is sent. */
  get sendAheadUs(): number {
    if (this.#deck.isLive) return this.startUs + liveAskUs
    return Math.max(this.#config.sendAheadMs * 1000, this.startUs + packetSlackUs)
  }

  /** How much of the lead that live audio is to have it has; the rest comes by bending. */
  get #reachedShare(): number {
    const { liveUs } = this
    return Math.min(this.edge.reachedUs ?? liveUs, liveUs) / liveUs
  }

  #most(needUs: (member: Member<B, Payload>) => number): number {
    let most = 0
    for (const member of this.#members) if (member.stream !== undefined) most = Math.max(most, needUs(member))
    return most
  }
}

/** From a packet's first frame to that frame's sound. */
function neededUs<B extends Block, Payload>({ timing, stream }: Member<B, Payload>): number {
  return stream!.encoding.holdUs + bufferAheadUs(timing)
}
