/** The sound card of a room without one. */
import type { OutputSpec } from '@tutti/client/node'

/** A card as a USB sound card might be: it reports its delay in whole frames and with some noise. */
export function virtualCard(ppm: number, seed: number): OutputSpec {
  return { kind: 'virtual', ppm, bufferMs: 150, periodMs: 10, delayNoiseUs: 20, seed }
}
