/**
 * The way of a group's audio from its source into its programme: asks for what will be needed, takes live audio in no
 * further ahead than it must be, and stands in with silence for a source that is too late.
 */
import { type ServerUs, shift } from '@tutti/clock'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import type { Deck } from './deck.js'
import type { GroupLead } from './group-lead.js'
import { LiveEdge } from './live-edge.js'
import { leastLeadUs } from './location.js'
import { frameAtTime, timeOfFrame } from './timeline.js'

/** One gap that can be heard as such is better than many small ones. */
const gapUs = 100_000

/** How a programme stands after a look at what is left of it. */
export interface Supply {
  /** When too little would be left; undefined where the regular look is soon enough. */
  readonly lookAgainAt: ServerUs | undefined
  /** Whether silence had to stand in from here on. */
  readonly hasRunDry: boolean
}

type Lead<B extends Block, Payload> = Pick<GroupLead<B, Payload>, 'edge' | 'floorUs' | 'liveUs' | 'sendAheadUs'>

export class GroupIntake<B extends Block, Payload> {
  readonly #config: Pick<CoordinatorConfig<B>, 'sampleRate' | 'readAheadMs' | 'blocks'>
  readonly #deck: Deck<B>
  readonly #lead: Lead<B, Payload>
  /** Whether the source of what came last waits for us, though it is live. */
  #isHeld = false
  /** Whether too little was at hand at the last look. */
  #isShort = false

  constructor(
    config: Pick<CoordinatorConfig<B>, 'sampleRate' | 'readAheadMs' | 'blocks'>,
    deck: Deck<B>,
    lead: Lead<B, Payload>,
  ) {
    this.#config = config
    this.#deck = deck
    this.#lead = lead
  }

  /** A source is being opened, of which nothing is known yet. */
  opened(location: string): void {
    const { sampleRate, blocks } = this.#config
    this.#lead.edge = new LiveEdge(sampleRate, blocks, leastLeadUs(location))
    this.#isHeld = false
  }

  /** Whether a live source has shown how its audio comes: in its own time, as fast as it is read, or when we want it. */
  isSteady(at: ServerUs): boolean {
    return this.#isHeld || this.#edge.isPaced || this.#edge.isRushing(at)
  }

  /** When the end of what came last is to be heard, where it came in its own time; undefined where it waits for us. */
  get pacedEndAt(): ServerUs | undefined {
    if (!this.#deck.isLive || this.#isHeld || !this.#edge.isPaced) return undefined
    return shift(this.#edge.promptAt!, this.#lead.liveUs)
  }

  /** Takes a block from the deck's feed. */
  append(block: B, isHeld: boolean, at: ServerUs): void {
    this.#isHeld = isHeld
    const { isLive } = this.#deck
    if (isLive && !isHeld) this.#appendLive(block, at)
    else this.#deck.reader.append(isLive ? this.#edge.shape(block) : block)
  }

  /** Reads on, and fills up what is missing where something plays. */
  keepFed(at: ServerUs): Supply {
    const { programme, isLive, reader } = this.#deck
    const timeline = programme.timeline!
    const readAheadUs = isLive ? 0 : this.#config.readAheadMs * 1000
    reader.wantUntil(frameAtTime(timeline, shift(at, this.#lead.sendAheadUs + readAheadUs)))
    if (reader.endFrame !== undefined || !reader.isReading) return { lookAgainAt: undefined, hasRunDry: false }
    const { floorUs } = this.#lead
    const missing = frameAtTime(timeline, shift(at, floorUs)) - programme.endFrame
    const shortAt =
      isLive || reader.followsLive ? shift(timeOfFrame(timeline, programme.endFrame), -floorUs) : undefined
    const wasShort = this.#isShort
    this.#isShort = missing > 0
    if (!this.#isShort) return { lookAgainAt: shortAt, hasRunDry: false }
    // It may have been us who were late: what has come meanwhile is taken in before the next look.
    if (isLive && !wasShort) return { lookAgainAt: at, hasRunDry: false }
    const hasRunDry = !programme.endsSilent
    programme.appendSilence(missing + Math.round((gapUs * programme.sampleRate) / 1e6))
    return { lookAgainAt: shortAt, hasRunDry }
  }

  get #edge(): LiveEdge<B> {
    return this.#lead.edge
  }

  #appendLive(block: B, at: ServerUs): void {
    const { programme, reader } = this.#deck
    const { timeline } = programme
    const edge = this.#edge
    edge.received(block.length, at)
    if (timeline === undefined) {
      reader.append(edge.shape(block))
      // What is old when playback begins would keep everything after it late.
      if (edge.isPaced) programme.keepLastBlock()
      return
    }
    const neededUs = this.#lead.liveUs
    const leadUs = timeOfFrame(timeline, programme.endFrame + block.length) - at
    const isUnheard = (reader.isBeginning || programme.endsSilent) && !edge.isRushing(at)
    const excess = isUnheard ? edge.excessFrames(block.length, leadUs, neededUs) : 0
    reader.discard(excess)
    if (excess < block.length) reader.append(edge.shape(programme.cut(block, excess)))
    edge.steer(timeOfFrame(timeline, programme.endFrame) - at, neededUs, at)
  }
}
