/** The start of a group: waits for enough audio and for the encoders, then fixes when the first frame is heard. */
import { type ServerUs, shift } from '@tutti/clock'
import { layBed } from './announcement-bed.js'
import type { Block } from './block.js'
import type { Deck } from './deck.js'
import type { Delivery } from './delivery.js'
import type { GroupIntake } from './group-intake.js'
import type { GroupLead } from './group-lead.js'

/** Audio at hand before a buffered track starts. */
const primeUs = 500_000
/** How long a start that could be made waits for encoders that are still being made. */
const encoderPatienceUs = 1_000_000

export class GroupStart<B extends Block, Payload> {
  readonly #deck: Deck<B>
  readonly #delivery: Pick<Delivery<B, Payload>, 'readiness' | 'begin'>
  readonly #lead: Pick<GroupLead<B, Payload>, 'floorUs' | 'startUs' | 'joinUs'>
  readonly #intake: Pick<GroupIntake<B, Payload>, 'isSteady' | 'pacedEndAt'>
  /** Since when encoders are all that is waited for. */
  #primedAt: ServerUs | undefined

  constructor(
    deck: Deck<B>,
    delivery: Pick<Delivery<B, Payload>, 'readiness' | 'begin'>,
    lead: Pick<GroupLead<B, Payload>, 'floorUs' | 'startUs' | 'joinUs'>,
    intake: Pick<GroupIntake<B, Payload>, 'isSteady' | 'pacedEndAt'>,
  ) {
    this.#deck = deck
    this.#delivery = delivery
    this.#lead = lead
    this.#intake = intake
  }

  /** Starts what the deck plays, if that can be. */
  attempt(at: ServerUs): void {
    if (!this.#isPrimed(at)) return
    const { players, equipped } = this.#delivery.readiness
    if (equipped === 0 || !this.#hasWaited(players, equipped, at)) return
    const { programme } = this.#deck
    const endsAt = this.#intake.pacedEndAt
    if (endsAt === undefined) programme.start(shift(at, this.#lead.startUs))
    else programme.startEnding(endsAt)
    this.#delivery.begin(at, this.#lead.joinUs)
  }

  /** Starts silence for an announcement, where nothing plays. False when nobody is left to hear it. */
  attemptAlone(at: ServerUs): boolean {
    const { players, equipped } = this.#delivery.readiness
    if (!this.#hasWaited(players, equipped, at)) return true
    if (equipped === 0) return false
    const { programme } = this.#deck
    layBed(programme)
    programme.start(shift(at, this.#lead.startUs))
    this.#delivery.begin(at, this.#lead.joinUs)
    return true
  }

  /** Nothing is scheduled any more: the next start waits afresh. */
  reset(): void {
    this.#primedAt = undefined
  }

  /** Asks for the audio a start needs; true once that is at hand, or there is no more. */
  #isPrimed(at: ServerUs): boolean {
    const { programme, isLive, reader } = this.#deck
    const neededUs = isLive ? 0 : Math.max(primeUs, this.#lead.floorUs)
    const neededFrames = Math.max((neededUs * programme.sampleRate) / 1e6, 1)
    reader.wantUntil(programme.firstFrame + Math.max(neededFrames, programme.sampleRate))
    const frames = programme.endFrame - programme.firstFrame
    if (frames === 0) return false
    if (!reader.isReading) return true
    return isLive ? this.#intake.isSteady(at) : frames >= neededFrames
  }

  #hasWaited(players: number, equipped: number, at: ServerUs): boolean {
    this.#primedAt ??= at
    return equipped === players || at >= shift(this.#primedAt, encoderPatienceUs)
  }
}
