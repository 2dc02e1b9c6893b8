/** What a coordinator is made with: complete, so that nothing below has to guess. */
import type { Random } from '@tutti/clock'
import type { AudioFormat, Role } from '@tutti/protocol'
import type { Block, BlockFactory } from './block.js'

export interface CoordinatorConfig<B extends Block> {
  readonly serverId: string
  /** For people. */
  readonly serverName: string
  /** Of every programme, in hertz. */
  readonly sampleRate: number
  /** How far ahead of its time audio from files is sent, in ms; live audio goes as late as its players allow. */
  readonly sendAheadMs: number
  /** How much further ahead tracks are decoded, in ms. */
  readonly readAheadMs: number
  /** Longest time between two looks at a playing group, in ms: the more, the larger the batches. */
  readonly paceMs: number
  /** Playback waits when no player has been there for so long, in ms. */
  readonly abandonAfterMs: number
  readonly canEncode: (format: AudioFormat) => boolean
  /** Roles of the application's own (`_name@v1`). */
  readonly appRoles: readonly Role[]
  readonly blocks: BlockFactory<B>
  readonly random: Random
}

export const defaultPacing = {
  sampleRate: 48_000,
  sendAheadMs: 5000,
  readAheadMs: 2000,
  paceMs: 250,
  abandonAfterMs: 30_000,
}
