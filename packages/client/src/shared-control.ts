/** Carries `PlayoutControl` from the session to the audio thread. */
import type { ClockModel, LocalUs, ServerUs } from '@tutti/clock'
import type { Anchor, ChannelMode, PlayoutControl } from './control.js'
import { SharedRecord } from './shared-record.js'

/** What a reader gets before anything was written: nothing to play. */
const nothing: PlayoutControl = {
  clock: undefined,
  anchor: undefined,
  gain: 0,
  outputDelayUs: 0,
  channelMode: 'stereo',
}

/** A list of its own: the one of @tutti/protocol comes with the schemas of all messages, 5 MiB in the audio thread. */
const modeNumbers: Readonly<Record<ChannelMode, number>> = { stereo: 0, left: 1, right: 2, mono: 3 }
const modes = Object.keys(modeNumbers) as readonly ChannelMode[]

// What is absent is NaN, a clock or an anchor in its first number.
const at = { gain: 0, outputDelayUs: 1, channelMode: 2, clock: 3, anchor: 8, queueMs: 12, clockSigmaUs: 13 } as const
const length = 14

export class SharedControl {
  static readonly bytes = SharedRecord.bytes(length)
  readonly #record: SharedRecord
  #latest = nothing

  constructor(buffer: ArrayBufferLike) {
    this.#record = new SharedRecord(buffer, 0, length)
  }

  /** Never waits. One thread only may write. */
  write(control: PlayoutControl): void {
    const { values } = this.#record
    const { clock, anchor } = control
    values[at.gain] = control.gain
    values[at.outputDelayUs] = control.outputDelayUs
    values[at.channelMode] = modeNumbers[control.channelMode]
    values[at.queueMs] = control.queueMs ?? Number.NaN
    values[at.clockSigmaUs] = control.clockSigmaUs ?? Number.NaN
    values[at.clock] = clock?.localAt ?? Number.NaN
    if (clock) {
      values[at.clock + 1] = clock.serverAt
      values[at.clock + 2] = clock.driftPpm
      values[at.clock + 3] = clock.errorBoundUs
      values[at.clock + 4] = clock.errorGrowthPpm
    }
    values[at.anchor] = anchor?.epoch ?? Number.NaN
    if (anchor) {
      values[at.anchor + 1] = anchor.frame
      values[at.anchor + 2] = anchor.serverAt
      values[at.anchor + 3] = anchor.sampleRate
    }
    this.#record.publish()
    this.#latest = control
  }

  /**
   * The newest control: the same object as last time, at the price of one load, while nothing was written. It is the
   * caller's to keep, so a change allocates one; changes come a few times a second.
   */
  read(): PlayoutControl {
    if (this.#record.refresh()) this.#latest = decode(this.#record.values)
    return this.#latest
  }
}

function decode(values: Float64Array): PlayoutControl {
  const queueMs = values[at.queueMs]!
  const clockSigmaUs = values[at.clockSigmaUs]!
  return {
    ...(Number.isNaN(queueMs) ? {} : { queueMs }),
    ...(Number.isNaN(clockSigmaUs) ? {} : { clockSigmaUs }),
    clock: decodeClock(values),
    anchor: decodeAnchor(values),
    gain: values[at.gain]!,
    outputDelayUs: values[at.outputDelayUs]!,
    channelMode: modes[values[at.channelMode]!]!,
  }
}

function decodeClock(values: Float64Array): ClockModel | undefined {
  const localAt = values[at.clock]!
  if (Number.isNaN(localAt)) return undefined
  return {
    localAt: localAt as LocalUs,
    serverAt: values[at.clock + 1]! as ServerUs,
    driftPpm: values[at.clock + 2]!,
    errorBoundUs: values[at.clock + 3]!,
    errorGrowthPpm: values[at.clock + 4]!,
  }
}

function decodeAnchor(values: Float64Array): Anchor | undefined {
  const epoch = values[at.anchor]!
  if (Number.isNaN(epoch)) return undefined
  return {
    epoch,
    frame: values[at.anchor + 1]!,
    serverAt: values[at.anchor + 2]! as ServerUs,
    sampleRate: values[at.anchor + 3]!,
  }
}
