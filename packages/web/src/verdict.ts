/** What a room's numbers mean, in words for someone who just wants to hear music. */
import type { ClientStatus, Reading } from './contract.js'
import { ago, milliseconds, plural, withinMilliseconds } from './words.js'

export type Mood = 'good' | 'busy' | 'warn' | 'bad' | 'off'

export interface Verdict {
  readonly mood: Mood
  readonly text: string
}

/** One room hears another's echo from about 5 ms on (docs/sync-theory.md). */
const echoUs = 5_000
/** A room that reports is heard from every second; so long a silence is one. */
const silentUs = 6_000_000

export interface Recent {
  /** Median of the last readings' `lateUs` while playing; undefined without any. */
  readonly usualLateUs: number | undefined
  /** Distance between the latest and earliest quartile of the same. */
  readonly spreadUs: number
  readonly dropouts: number
  readonly minutes: number
}

/**
 * How far from the schedule a room may be heard at the very worst, as far as its device tells the truth. Over Wi-Fi that is more
 * than half of the quickest round trip, whatever anybody does, and mostly many times what is heard: no fault.
 */
export function heardWithinUs(reading: Reading): number | undefined {
  return reading.errorBoundUs === undefined ? undefined : reading.errorBoundUs + Math.abs(reading.lateUs)
}

/** @param now server time, µs */
export function judgeRoom(
  client: ClientStatus,
  reading: Reading | undefined,
  recent: Recent | undefined,
  now: number,
): Verdict {
  if (!client.isConnected) return { mood: 'off', text: lastSeen(client, now) }
  if (!client.isPlayer) return { mood: 'off', text: 'does not play, only controls' }
  if (reading === undefined || now - reading.at > silentUs) return judgeSilent(client)
  switch (reading.state) {
    case 'starved':
      return { mood: 'bad', text: 'waiting for the network' }
    case 'waiting':
      return { mood: 'busy', text: 'about to start' }
    case 'idle':
      return reading.errorBoundUs === undefined
        ? { mood: 'busy', text: 'setting its clock' }
        : { mood: 'good', text: 'ready' }
    case 'playing':
      return judgePlaying(reading, recent)
  }
}

function judgePlaying(reading: Reading, recent: Recent | undefined): Verdict {
  const usual = recent?.usualLateUs
  if (usual !== undefined && Math.abs(usual) > echoUs && recent!.spreadUs < Math.abs(usual) / 4) {
    return usual > 0
      ? { mood: 'bad', text: `always ${milliseconds(usual)} late: set its delay` }
      : { mood: 'bad', text: `always ${milliseconds(usual)} early: lower its delay` }
  }
  const within = heardWithinUs(reading)
  if (within === undefined) return { mood: 'busy', text: 'setting its clock' }
  if (Math.abs(reading.lateUs) > echoUs)
    return { mood: 'bad', text: `out of step by up to ${withinMilliseconds(within)}` }
  if (within > echoUs) return { mood: 'warn', text: `may be out of step by up to ${withinMilliseconds(within)}` }
  const text = `in step, within ${withinMilliseconds(within)}`
  if (recent !== undefined && recent.dropouts > 0) {
    const times = plural(recent.dropouts, 'dropout')
    return {
      mood: 'warn',
      text: `${text}; ${times} in the last ${recent.minutes === 1 ? 'minute' : plural(recent.minutes, 'minute')}`,
    }
  }
  return { mood: 'good', text }
}

/** A player of another make says no more than whether all is well. */
function judgeSilent({ condition }: ClientStatus): Verdict {
  if (condition === 'error') return { mood: 'bad', text: 'reports a fault' }
  if (condition === 'external_source') return { mood: 'off', text: 'plays something else' }
  return { mood: 'good', text: 'connected; it keeps its figures to itself' }
}

function lastSeen({ lastSeenAt }: ClientStatus, now: number): string {
  return lastSeenAt === undefined ? 'not back since the server started' : `last seen ${ago((now - lastSeenAt) / 1e6)}`
}

/** How far apart any two of the rooms may be heard, µs; undefined when fewer than two say. */
export function apartUs(readings: readonly Reading[]): number | undefined {
  const edges = readings.filter((r) => r.state === 'playing' && r.errorBoundUs !== undefined)
  if (edges.length < 2) return undefined
  let apart = 0
  for (const a of edges) {
    for (const b of edges) {
      if (a !== b) apart = Math.max(apart, Math.abs(a.lateUs - b.lateUs) + a.errorBoundUs! + b.errorBoundUs!)
    }
  }
  return apart
}
