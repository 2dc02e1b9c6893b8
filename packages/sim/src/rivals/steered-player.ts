/**
 * This engine's playout under any way to keep a clock: its own, or another's for comparison. As in a session, the clock is kept in
 * the audio thread's steady time.
 */
import { type Period, type PlayoutControl, Speaker, slewedUs, type Telemetry } from '@tutti/client'
import { type Exchange, type LocalUs, shift } from '@tutti/clock'
import type { ClockKeeper } from '../comparison.js'
import type { Remark, RivalPlayer, RivalRoom } from './rival.js'

/** Questions that may be unanswered at a time; the oldest are forgotten. */
const mostUnderWay = 64

export class SteeredPlayer implements RivalPlayer {
  readonly slips = 0
  readonly #room: RivalRoom
  readonly #keeper: ClockKeeper
  readonly #mayPlay: () => boolean
  readonly #speaker: Speaker
  #telemetry: Telemetry | undefined
  /** Steady time at which questions under way were asked, by the reading of the clock then. */
  readonly #askedAt = new Map<LocalUs, LocalUs>()
  #control: PlayoutControl = {
    clock: undefined,
    anchor: undefined,
    gain: 1,
    outputDelayUs: 0,
    channelMode: 'stereo',
  }

  /** @param mayPlay whether the clock is known well enough to begin */
  constructor(room: RivalRoom, keeper: ClockKeeper, mayPlay: () => boolean, at: LocalUs) {
    this.#room = room
    this.#keeper = keeper
    this.#mayPlay = mayPlay
    this.#speaker = new Speaker({
      sampleRate: room.sampleRate,
      media: room.media,
      renderer: { render: (plan, { frames }) => room.play(plan, frames) },
      readControl: () => this.#control,
      writeTelemetry: (telemetry) => {
        this.#telemetry = telemetry
      },
    })
    keeper.start(at)
  }

  get remarkDueAt(): LocalUs | undefined {
    const { probeDueAt } = this.#keeper
    return probeDueAt && shift(probeDueAt, this.#aheadUs(shift(probeDueAt, this.#aheadUs(probeDueAt))))
  }

  remark(at: LocalUs): Remark {
    const steadyAt = shift(at, -this.#aheadUs(at))
    this.#askedAt.set(at, steadyAt)
    const [oldest] = this.#askedAt.keys()
    if (this.#askedAt.size > mostUnderWay) this.#askedAt.delete(oldest!)
    this.#keeper.probeSent(steadyAt)
    return {}
  }

  answered(exchange: Exchange): void {
    const requestSentAt = this.#askedAt.get(exchange.requestSentAt)
    if (requestSentAt === undefined) return
    this.#askedAt.delete(exchange.requestSentAt)
    const replyReceivedAt = shift(exchange.replyReceivedAt, -this.#aheadUs(exchange.replyReceivedAt))
    this.#keeper.replyReceived({ ...exchange, requestSentAt, replyReceivedAt })
  }

  obey(): void {} // nobody conducts it

  render(period: Period): void {
    this.#publish()
    this.#speaker.render(period, [])
  }

  /** How far the local clock is ahead of steady time. */
  #aheadUs(at: LocalUs): number {
    return this.#telemetry === undefined ? 0 : slewedUs(this.#telemetry.slew, at)
  }

  #publish(): void {
    const { model, uncertaintyUs } = this.#keeper
    const clock = this.#mayPlay() ? model : undefined
    const { firstDueAt } = this.#room.media
    const { sampleRate } = this.#room
    const anchor = this.#control.anchor ?? (firstDueAt && { epoch: 1, frame: 0, serverAt: firstDueAt, sampleRate })
    if (clock !== this.#control.clock || anchor !== this.#control.anchor)
      this.#control = {
        ...this.#control,
        clock,
        anchor,
        ...(uncertaintyUs === undefined ? {} : { clockSigmaUs: uncertaintyUs }),
      }
  }
}
