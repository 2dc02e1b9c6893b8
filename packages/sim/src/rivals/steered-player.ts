/** This engine's playout under any way to keep a clock: its own, or another's for comparison. */

import type { Period } from '@tutti/client'
import { type PlayoutControl, Speaker } from '@tutti/client'
import type { ClockModel, Exchange, LocalUs } from '@tutti/clock'
import type { ClockKeeper } from '../comparison.js'
import type { Remark, RivalPlayer, RivalRoom } from './rival.js'

export class SteeredPlayer implements RivalPlayer {
  readonly slips = 0
  readonly #room: RivalRoom
  readonly #keeper: ClockKeeper
  readonly #mayPlay: () => boolean
  readonly #speaker: Speaker
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
      writeTelemetry: () => {},
    })
    keeper.start(at)
  }

  get remarkDueAt(): LocalUs | undefined {
    return this.#keeper.probeDueAt
  }

  remark(at: LocalUs): Remark {
    this.#keeper.probeSent(at)
    return {}
  }

  answered(exchange: Exchange): void {
    this.#keeper.replyReceived(exchange)
  }

  obey(): void {} // nobody conducts it

  render(period: Period): void {
    this.#publish(this.#mayPlay() ? this.#keeper.model : undefined)
    this.#speaker.render(period, [])
  }

  #publish(clock: ClockModel | undefined): void {
    const { firstDueAt } = this.#room.media
    const { sampleRate } = this.#room
    const anchor = this.#control.anchor ?? (firstDueAt && { epoch: 1, frame: 0, serverAt: firstDueAt, sampleRate })
    if (clock !== this.#control.clock || anchor !== this.#control.anchor)
      this.#control = { ...this.#control, clock, anchor }
  }
}
