/** What a player is told before it starts: complete, readonly, units in the names; optional only in the input. */
import { type AudioFormat, type DeviceInfo, describeMismatch, numberBetween, wholeBetween } from '@tutti/protocol'
import * as v from 'valibot'
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

const text = (most: number) => v.pipe(v.string(), v.maxLength(most))
const name = v.pipe(text(128), v.minLength(1))

const audioFormat = v.strictObject({
  codec: v.picklist(['opus', 'flac', 'pcm']),
  sampleRate: wholeBetween(8_000, 192_000),
  channels: wholeBetween(1, 8),
  bitDepth: v.picklist([16, 24]),
})
const device = v.strictObject({
  product_name: text(128),
  manufacturer: text(128),
  software_version: text(64),
  mac_address: text(32),
})
const jitterBuffer = v.strictObject({
  capacityBytes: wholeBetween(100_000, 125_000_000),
  capacityChunks: wholeBetween(64, 1_000_000),
  horizonMs: numberBetween(1_000, 3_600_000),
  rewindMs: numberBetween(150, 60_000),
})
const decodePump = v.strictObject({
  aheadMs: numberBetween(200, 10_000),
  chunksPerRun: wholeBetween(1, 64),
  chunksPerQuietRun: wholeBetween(1, 64),
  longestSilenceMs: numberBetween(0, 2_000),
})
const reconnect = v.strictObject({
  firstMs: numberBetween(10, 10_000),
  longestMs: numberBetween(100, 600_000),
  stableMs: numberBetween(1_000, 3_600_000),
})
const rescue = v.strictObject({
  silentMs: numberBetween(500, 60_000),
  unansweredMs: numberBetween(50, 60_000),
  firstMs: numberBetween(50, 10_000),
  quickTries: wholeBetween(0, 100),
  longestMs: numberBetween(100, 600_000),
})
const allFormats = v.pipe(
  v.array(audioFormat),
  v.minLength(1),
  v.maxLength(32),
  v.check((formats) => formats.some(({ codec }) => codec !== 'opus'), 'needs flac or pcm: servers may lack opus'),
)
const boundsOfBuffer = v.pipe(
  v.strictObject({ leastMs: numberBetween(0, 10_000), mostMs: numberBetween(0, 10_000) }),
  v.check(({ leastMs, mostMs }) => leastMs <= mostMs, 'leastMs is more than mostMs'),
)

/** Every group and every value in it may be left out. */
const input = v.strictObject({
  clientId: name,
  name,
  device: v.optional(v.partial(device)),
  formats: v.optional(allFormats),
  bufferCapacityBytes: v.optional(wholeBetween(100_000, 100_000_000)),
  minBufferMs: v.optional(numberBetween(0, 10_000)),
  bufferBounds: v.optional(boundsOfBuffer),
  requiredLeadMs: v.optional(numberBetween(0, 10_000)),
  continuityUs: v.optional(numberBetween(1, 10_000)),
  jitterBuffer: v.optional(v.partial(jitterBuffer)),
  decodePump: v.optional(v.partial(decodePump)),
  reconnect: v.optional(v.partial(reconnect)),
  rescue: v.optional(v.partial(rescue)),
})

export type ParsedPlayerConfig =
  | { readonly config: PlayerConfig }
  /** One line for each thing that is wrong, with its path. */
  | { readonly problems: readonly string[] }

/** Fills what is left out from `playerDefaults` and checks the rest. */
export function parsePlayerConfig(given: unknown): ParsedPlayerConfig {
  const parsed = v.safeParse(input, given)
  if (!parsed.success) return { problems: parsed.issues.map(describe) }
  const { jitterBuffer, decodePump, reconnect, rescue, ...rest } = parsed.output
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

function describe(issue: v.BaseIssue<unknown>): string {
  return describeMismatch(issue, issue.path === undefined ? 'config' : '')
}
