export const codecNames = ['opus', 'flac', 'pcm'] as const
/** How audio is coded on the wire. */
export type CodecName = (typeof codecNames)[number]

export interface AudioFormat {
  readonly codec: CodecName
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Bits per sample; for Opus, which has none, 16 or 24 by convention. */
  readonly bitDepth: number
}

/** Two players with the same key can share one encoder. */
export function formatKey(format: AudioFormat): string {
  return `${format.codec}/${format.sampleRate}/${format.channels}/${format.bitDepth}`
}
