/** What this browser knows of itself as a room, from visit to visit. */
import { channelModes, type PlayerSettings, settingsDefaults } from '@tutti/client'
import { recall, remember } from './memory.js'

/** Made once for this browser; `crypto.randomUUID` is for secure contexts only. */
export function ownId(): string {
  const known = recall('room-id')
  if (known !== undefined) return known
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  const id = `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  remember('room-id', id)
  return id
}

export function keepSettings(settings: PlayerSettings): void {
  remember('room-settings', JSON.stringify(settings))
}

/** A browser keeps what the page wrote, but people may edit it: what makes no sense is as on the first visit. */
export function storedSettings(): PlayerSettings {
  try {
    const { volume, muted, outputDelayMs, channelMode, drifts, tails } = JSON.parse(recall('room-settings') ?? '{}')
    return {
      ...settingsDefaults,
      ...(Number.isFinite(volume) && { volume }),
      ...(typeof muted === 'boolean' && { muted }),
      ...(Number.isFinite(outputDelayMs) && { outputDelayMs }),
      ...(channelModes.includes(channelMode) && { channelMode }),
      ...(isRecord(drifts) && { drifts }),
      ...(isRecord(tails) && { tails }),
    }
  } catch {
    return settingsDefaults // no JSON
  }
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null
