/** How long before it is heard a player needs its audio (Sendspin, "Server Audio Send Constraints"). */
import { type PlayerState, reportedOutputDelayMs } from '@tutti/protocol'

export interface PlayerTiming {
  /** Wanted between the start of a stream and its first sample. */
  readonly requiredLeadMs: number
  /** Buffered audio wanted at all times. */
  readonly minBufferMs: number
  /** Delay behind the player's device: it plays, and empties its buffer, this much earlier. */
  readonly outputDelayMs: number
}

/** For players that do not say, as many microcontrollers do not: enough to decode and to sit out a Wi-Fi scan. */
export const defaultTiming: PlayerTiming = { requiredLeadMs: 500, minBufferMs: 250, outputDelayMs: 0 }

/** No player gets more than this, whatever it asks for. */
const mostMs = 30_000

/** The timing after a report; what it does not mention stays. */
export function updateTiming(timing: PlayerTiming, report: PlayerState): PlayerTiming {
  return {
    requiredLeadMs: limit(report.required_lead_time_ms ?? timing.requiredLeadMs, mostMs),
    minBufferMs: limit(report.min_buffer_ms ?? timing.minBufferMs, mostMs),
    outputDelayMs: limit(reportedOutputDelayMs(report) ?? timing.outputDelayMs, 5000),
  }
}

/** How far ahead audio must be sent so that the player never runs dry, in µs. */
export function bufferAheadUs({ minBufferMs, outputDelayMs }: PlayerTiming): number {
  return (minBufferMs + outputDelayMs) * 1000
}

/** How far ahead audio must have been sent so that it may still be in time, in µs: the rest was for the network's moods. */
export function leastAheadUs({ minBufferMs, outputDelayMs }: PlayerTiming): number {
  return (minBufferMs / 2 + outputDelayMs) * 1000
}

/** How far in the future a stream's first sample must lie, in µs. */
export function startAheadUs({ requiredLeadMs, minBufferMs, outputDelayMs }: PlayerTiming): number {
  return (Math.max(requiredLeadMs, minBufferMs) + outputDelayMs) * 1000
}

/**
 * How far in the future the first sample must lie for a player that joins others, in µs: what it needs to begin, and half of
 * what it keeps for the network, in which all of that has been sent, because it lies ready.
 */
export function joinAheadUs({ requiredLeadMs, minBufferMs, outputDelayMs }: PlayerTiming): number {
  return (Math.max(requiredLeadMs, minBufferMs / 2) + outputDelayMs) * 1000
}

/**
 * How far in the future the first sample must lie for a player that was playing and only lost its connection, in µs: what
 * it needs to begin. Its buffer is filled at once with what lies ahead.
 */
export function resumeAheadUs({ requiredLeadMs, outputDelayMs }: PlayerTiming): number {
  return (requiredLeadMs + outputDelayMs) * 1000
}

function limit(value: number, most: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), most) : 0
}
