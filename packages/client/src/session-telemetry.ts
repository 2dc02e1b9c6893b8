/** What a server that asks for it is told of how playing goes, once a second (`_tutti_telemetry@v1`). */
import { type LocalUs, shift } from '@tutti/clock'
import type { TelemetryMessage } from '@tutti/protocol'
import type { PlayerStatus } from './session-status.js'

const intervalUs = 1_000_000

export class SessionTelemetry {
  readonly #output: string | undefined
  #dueAt: LocalUs | undefined

  /** @param output name of the sound card, for people */
  constructor(output: string | undefined) {
    this.#output = output?.slice(0, 256)
  }

  /** Undefined while nobody wants to know. */
  get dueAt(): LocalUs | undefined {
    return this.#dueAt
  }

  begin(at: LocalUs): void {
    this.#dueAt = at
  }

  end(): void {
    this.#dueAt = undefined
  }

  report(status: PlayerStatus, at: LocalUs): TelemetryMessage {
    this.#dueAt = shift(at, intervalUs)
    const { clockErrorBoundUs, driftPpm, roundTripUs } = status
    return {
      type: 'client/_tutti_telemetry',
      payload: {
        state: status.playout,
        late_us: rounded(status.lateUs),
        ...(clockErrorBoundUs !== undefined && { error_bound_us: rounded(clockErrorBoundUs) }),
        correction_ppm: rounded(status.ppm),
        ...(driftPpm !== undefined && { drift_ppm: rounded(driftPpm) }),
        ...(roundTripUs !== undefined && { round_trip_us: rounded(roundTripUs) }),
        buffered_ms: rounded(Math.max(0, status.bufferedMs)),
        starvations: status.starvations,
        underruns: status.underruns,
        jumps: status.jumps,
        channel: status.channelMode,
        ...(this.#output !== undefined && { output: this.#output }),
      },
    }
  }
}

/** A thousandth is beyond what any of these are known to. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
