/** What a player is told before it starts: complete, readonly, units in the names; optional only in the input. */
import type { AudioFormat, DeviceInfo } from '@tutti/protocol'
import { z } from 'zod'
import { type DecodePumpConfig, decodePumpDefaults } from './decode-pump.js'
import { type JitterBufferConfig, jitterBufferDefaults } from './jitter-buffer.js'
import type { ReconnectConfig } from './reconnect.js'
import { type BufferBounds, bufferBounds } from './session-buffer.js'
import type { RescueConfig } from './session-rescue.js'

export interface PlayerConfig {
  /** The same after every restart, and no other player's. */
  readonly clientId: string
  /** For people. */
  readonly name: string
  readonly device: DeviceInfo
  /** Most preferred first. */
  readonly formats: readonly AudioFormat[]
  /** Encoded bytes the server may have outstanding; what a buffer really holds is in `jitterBuffer`. */
  readonly bufferCapacityBytes: number
  /** Audio the server should keep queued here at all times; undefined for as much as the network turns out to need. */
  readonly minBufferMs: number | undefined
  readonly bufferBounds: BufferBounds
  /** Time needed between the start of a stream and its first sound. */
  readonly requiredLeadMs: number
  /** How far a chunk's timestamp may be from the end of the one before it and still continue it. */
  readonly continuityUs: number
  readonly jitterBuffer: JitterBufferConfig
  readonly decodePump: DecodePumpConfig
  readonly reconnect: ReconnectConfig
  readonly rescue: RescueConfig
}

const stereo = { channels: 2, bitDepth: 16 } as const

export const playerDefaults: Omit<PlayerConfig, 'clientId' | 'name'> = {
  device: { product_name: 'Tutti player', manufacturer: 'Tutti' },
  // One rate and channel count, so that a change of format never interrupts; the server resamples. Opus first: on bad
  // Wi-Fi a tenth of the air time is worth more than the last bit.
  formats: [
    { codec: 'opus', sampleRate: 48_000, ...stereo },
    { codec: 'flac', sampleRate: 48_000, ...stereo, bitDepth: 24 },
    { codec: 'flac', sampleRate: 48_000, ...stereo },
    { codec: 'pcm', sampleRate: 48_000, ...stereo, bitDepth: 24 },
    { codec: 'pcm', sampleRate: 48_000, ...stereo },
  ],
  bufferCapacityBytes: 4_000_000, // 20 s of 48 kHz 16-bit PCM, minutes of anything else
  minBufferMs: undefined,
  bufferBounds,
  requiredLeadMs: 400, // loading a decoder 100 ms, the device's queue 100 ms, a slow Pi the rest
  continuityUs: 1_000,
  jitterBuffer: jitterBufferDefaults,
  decodePump: decodePumpDefaults,
  reconnect: { firstMs: 200, longestMs: 15_000, stableMs: 60_000 },
  rescue: { silentMs: 1_800, unansweredMs: 400, firstMs: 500, quickTries: 12, longestMs: 4_000 },
}

const whole = z.int()
const audioFormat = z.strictObject({
  codec: z.enum(['opus', 'flac', 'pcm']),
  sampleRate: whole.min(8_000).max(192_000),
  channels: whole.min(1).max(8),
  bitDepth: z.literal([16, 24]),
})

const playerConfig = z.strictObject({
  clientId: z.string().min(1).max(128),
  name: z.string().min(1).max(128),
  device: z
    .strictObject({
      product_name: z.string().max(128),
      manufacturer: z.string().max(128),
      software_version: z.string().max(64),
      mac_address: z.string().max(32),
    })
    .partial(),
  formats: z
    .array(audioFormat)
    .min(1)
    .max(32)
    .refine((formats) => formats.some(({ codec }) => codec !== 'opus'), 'needs flac or pcm: servers may lack opus'),
  bufferCapacityBytes: whole.min(100_000).max(100_000_000),
  minBufferMs: z.number().min(0).max(10_000).optional(),
  bufferBounds: z
    .strictObject({ leastMs: z.number().min(0).max(10_000), mostMs: z.number().min(0).max(10_000) })
    .refine(({ leastMs, mostMs }) => leastMs <= mostMs, 'leastMs is more than mostMs'),
  requiredLeadMs: z.number().min(0).max(10_000),
  continuityUs: z.number().min(1).max(10_000),
  jitterBuffer: z.strictObject({
    capacityBytes: whole.min(100_000).max(125_000_000),
    capacityChunks: whole.min(64).max(1_000_000),
    horizonMs: z.number().min(1_000).max(3_600_000),
    rewindMs: z.number().min(150).max(60_000),
  }),
  decodePump: z.strictObject({
    aheadMs: z.number().min(200).max(10_000),
    chunksPerRun: whole.min(1).max(64),
    chunksPerQuietRun: whole.min(1).max(64),
    longestSilenceMs: z.number().min(0).max(2_000),
  }),
  reconnect: z.strictObject({
    firstMs: z.number().min(10).max(10_000),
    longestMs: z.number().min(100).max(600_000),
    stableMs: z.number().min(1_000).max(3_600_000),
  }),
  rescue: z.strictObject({
    silentMs: z.number().min(500).max(60_000),
    unansweredMs: z.number().min(50).max(60_000),
    firstMs: z.number().min(50).max(10_000),
    quickTries: whole.min(0).max(100),
    longestMs: z.number().min(100).max(600_000),
  }),
})

/** Every group and every value in it may be left out. */
const input = playerConfig.partial().extend({
  clientId: playerConfig.shape.clientId,
  name: playerConfig.shape.name,
  jitterBuffer: playerConfig.shape.jitterBuffer.partial().optional(),
  decodePump: playerConfig.shape.decodePump.partial().optional(),
  reconnect: playerConfig.shape.reconnect.partial().optional(),
  rescue: playerConfig.shape.rescue.partial().optional(),
})

export type ParsedPlayerConfig =
  | { readonly config: PlayerConfig }
  /** One line for each thing that is wrong, with its path. */
  | { readonly problems: readonly string[] }

/** Fills what is left out from `playerDefaults` and checks the rest. */
export function parsePlayerConfig(given: unknown): ParsedPlayerConfig {
  const parsed = input.safeParse(given)
  if (!parsed.success) return { problems: parsed.error.issues.map(describe) }
  const { jitterBuffer, decodePump, reconnect, rescue, ...rest } = parsed.data
  const merged = {
    ...playerDefaults,
    ...rest,
    jitterBuffer: { ...playerDefaults.jitterBuffer, ...jitterBuffer },
    decodePump: { ...playerDefaults.decodePump, ...decodePump },
    reconnect: { ...playerDefaults.reconnect, ...reconnect },
    rescue: { ...playerDefaults.rescue, ...rescue },
  } as PlayerConfig
  if (merged.jitterBuffer.capacityBytes < merged.bufferCapacityBytes) {
    return { problems: ['jitterBuffer.capacityBytes: holds less than bufferCapacityBytes promises'] }
  }
  return { config: merged }
}

function describe({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${path.length === 0 ? 'config' : path.join('.')}: ${message}`
}
