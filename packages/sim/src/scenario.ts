/** A house and what happens in it, as data. With the seed it decides everything that is heard. */
import type { CodecName } from '@tutti/protocol'
import type { CardPreset } from './card-presets.js'
import type { LinkPreset } from './link-presets.js'

/** Something goes wrong at `atS`, seconds of true time; rooms count from 0. */
export type Fault =
  /** The server's process dies and is started again; somebody presses play. */
  | { readonly type: 'killServer'; readonly atS: number; readonly forS: number }
  /** The room's process is stopped, as by SIGSTOP or a machine far too busy. */
  | { readonly type: 'freezeRoom'; readonly room: number; readonly atS: number; readonly forS: number }
  /** The room's process dies and is started again. */
  | { readonly type: 'restartRoom'; readonly room: number; readonly atS: number; readonly forS: number }
  /** The room's computer sleeps, its clock with it. */
  | { readonly type: 'suspendRoom'; readonly room: number; readonly atS: number; readonly forS: number }
  /** The room is not switched on until then. */
  | { readonly type: 'joinRoom'; readonly room: number; readonly atS: number }
  /** Nothing gets through to the room or from it. */
  | { readonly type: 'loseNetwork'; readonly room: number; readonly atS: number; readonly forS: number }
  /** The room's clock jumps, as after a virtual machine was moved. */
  | { readonly type: 'stepClock'; readonly room: number; readonly atS: number; readonly byMs: number }
  /** NTP makes the room's clock run faster or slower than its crystal. */
  | {
      readonly type: 'slewClock'
      readonly room: number
      readonly atS: number
      readonly forS: number
      readonly ppm: number
    }
  | { readonly type: 'changeCard'; readonly room: number; readonly atS: number; readonly card: CardPreset }

export interface Scenario {
  readonly rooms: number
  readonly hours: number
  readonly seed: number
  readonly network: LinkPreset
  /** Every room's, unless a fault changes it. */
  readonly card: CardPreset
  /** What every room was told of the delay behind its card. */
  readonly outputDelayMs: number
  /** Crystals of computers and sound cards are off by up to this, either way, ppm. */
  readonly crystalPpm: number
  readonly codec: CodecName
  /** Whether a line input plays, which is sent only as far ahead as the rooms ask for, and not music from files. */
  readonly live: boolean
  /** From the line input to the loudspeakers at least, as its place says (docs/sources.md); undefined for as little as the rooms need. */
  readonly liveTotalMs?: number
  readonly faults: readonly Fault[]
}

export const defaultScenario: Scenario = {
  rooms: 4,
  hours: 1,
  seed: 1,
  network: 'quiet-lan',
  card: 'i2s',
  outputDelayMs: 0,
  crystalPpm: 100, // the widest tolerance sold for computers
  codec: 'flac', // the fewest packets an hour; a simulation codes nothing
  live: false,
  faults: [],
}
