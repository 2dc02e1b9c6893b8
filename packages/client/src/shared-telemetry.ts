/** Carries `Telemetry` from the audio thread to the session. */
import type { LocalUs, ServerUs } from '@tutti/clock'
import { SharedRecord } from './shared-record.js'
import { playoutStates, type Telemetry } from './telemetry.js'

const length = 16

export class SharedTelemetry {
  static readonly bytes = SharedRecord.bytes(length)
  readonly #record: SharedRecord
  #latest: Telemetry | undefined

  constructor(buffer: ArrayBufferLike) {
    this.#record = new SharedRecord(buffer, 0, length)
  }

  /** Never waits or allocates; `telemetry` is copied. One thread only may write. */
  write(telemetry: Telemetry): void {
    const { values } = this.#record
    values[0] = playoutStates.indexOf(telemetry.state)
    values[1] = telemetry.lateUs
    values[2] = telemetry.ppm
    values[3] = telemetry.devicePpm
    values[4] = telemetry.bufferedUs
    values[5] = telemetry.starvations
    values[6] = telemetry.underruns
    values[7] = telemetry.jumps
    values[8] = telemetry.heardServerAt
    values[9] = telemetry.heardAt
    values[10] = telemetry.playheadFrame
    values[11] = telemetry.slew.count
    values[12] = telemetry.slew.at
    values[13] = telemetry.slew.us
    values[14] = telemetry.slew.ppm
    values[15] = telemetry.slackUs
    this.#record.publish()
  }

  /** The newest report: the same object as last time while there is none newer; undefined before the first. */
  read(): Telemetry | undefined {
    if (this.#record.refresh()) this.#latest = decode(this.#record.values)
    return this.#latest
  }
}

function decode(values: Float64Array): Telemetry {
  return {
    state: playoutStates[values[0]!]!,
    lateUs: values[1]!,
    ppm: values[2]!,
    devicePpm: values[3]!,
    bufferedUs: values[4]!,
    starvations: values[5]!,
    underruns: values[6]!,
    jumps: values[7]!,
    heardServerAt: values[8]! as ServerUs,
    heardAt: values[9]! as LocalUs,
    playheadFrame: values[10]!,
    slackUs: values[15]!,
    slew: { count: values[11]!, at: values[12]! as LocalUs, us: values[13]!, ppm: values[14]! },
  }
}
