/**
 * What a session says to its server without being asked, over the connection it has: what the time is there, what this
 * player needs and how it is, and to a server that wants to know, how playing goes.
 */
import type { LocalUs } from '@tutti/clock'
import { type PlayerCondition, type ServerHello, telemetryRole } from '@tutti/protocol'
import { type Deadline, earliest, isDue } from './deadline.js'
import type { PlayerConfig } from './player-config.js'
import type { SessionClock } from './session-clock.js'
import type { Link } from './session-links.js'
import type { SessionOutbox } from './session-outbox.js'
import { SessionReport } from './session-report.js'
import type { PlayerSettings } from './session-settings.js'
import type { PlayerStatus } from './session-status.js'
import { SessionTelemetry } from './session-telemetry.js'

export class SessionUplink {
  readonly #outbox: Pick<SessionOutbox, 'put' | 'send'>
  readonly #report: SessionReport
  readonly #telemetry: SessionTelemetry
  #connection: { readonly link: Link; readonly clock: SessionClock } | undefined

  /** @param output name of the sound card, for people */
  constructor(config: PlayerConfig, output: string | undefined, outbox: Pick<SessionOutbox, 'put' | 'send'>) {
    this.#outbox = outbox
    this.#report = new SessionReport(config)
    this.#telemetry = new SessionTelemetry(output)
  }

  /** Whether there is a connection whose server has said hello. */
  get isUp(): boolean {
    return this.#connection !== undefined
  }

  get wakeAt(): Deadline {
    return earliest(this.#report.wakeAt, this.#connection?.clock.probeDueAt, this.#telemetry.dueAt)
  }

  /** The server has said hello. `isWarm`: what a stream needs to begin still runs. */
  begin(link: Link, clock: SessionClock, { active_roles: active }: ServerHello, isWarm: boolean, at: LocalUs): void {
    this.#connection = { link, clock }
    this.#report.begin(at, isWarm)
    if (active.includes(telemetryRole)) this.#telemetry.begin(at)
  }

  /** The connection is gone. */
  end(): void {
    this.#connection = undefined
    this.#report.end()
    this.#telemetry.end()
  }

  /** What has to be asked for is known: the first report need not wait. */
  hurry(): void {
    this.#report.hurry()
  }

  /** Asks for the time where that is due. */
  ask(at: LocalUs): void {
    if (isDue(this.#connection?.clock.probeDueAt, at)) this.askForLife(at)
  }

  /** Asks for the time out of turn: what the server says does not matter. */
  askForLife(at: LocalUs): void {
    if (this.#connection === undefined) return
    const { link, clock } = this.#connection
    clock.probeAsked(at)
    this.#outbox.put({ type: 'probe', link })
  }

  /** Says what has changed, where that is due. */
  report(condition: PlayerCondition, settings: PlayerSettings, minBufferMs: number, at: LocalUs): void {
    if (this.#connection === undefined) return
    const payload = this.#report.update(condition, settings, minBufferMs, at)
    if (payload) this.#outbox.send(this.#connection.link, { type: 'client/state', payload })
  }

  /** Says how playing goes, where that is due. */
  tellStatus(status: () => PlayerStatus, at: LocalUs): void {
    if (this.#connection === undefined || !isDue(this.#telemetry.dueAt, at)) return
    this.#outbox.send(this.#connection.link, this.#telemetry.report(status(), at))
  }
}
