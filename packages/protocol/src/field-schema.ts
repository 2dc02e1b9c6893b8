/** The kinds of field messages are made of, with the limits that keep a hostile peer from filling memory. */
import type { ServerUs } from '@tutti/clock'
import { z } from 'zod'

/** Identifiers, names of roles and commands. */
export const token = z.string().min(1).max(256)
/** Text for people; the longest seen are titles of classical works, under 500. */
export const text = z.string().max(4096)
/** Pictures are sometimes sent as data URLs, but large ones belong in the artwork role. */
export const url = z.string().max(65_536)
/** What a peer can do: never more than a few dozen. */
export const tokens = z.array(token).max(256)

/** A whole number of microseconds on some clock. */
export const timeUs = z.int()
export const serverUs = timeUs as unknown as z.ZodType<ServerUs>

/** Perceived loudness; the specification says whole, but players with a fader report fractions. */
export const volume = z.number().min(0).max(100)
/** Sendspin, player object: 0 to 5000. */
export const outputDelayMs = z.number().min(0).max(5000)
/** The specification sets no upper limit; an hour is beyond any device. */
export const leadMs = z.number().min(0).max(3_600_000)
/** A day of one track, either way. */
export const positionMs = z.number().min(-86_400_000).max(86_400_000)

export const codec = token
export const channels = z.int().min(1).max(64)
/** Hertz. */
export const sampleRate = z.int().min(1000).max(768_000)
/** 0 is what some players give for Opus, which has no sample size. */
export const bitDepth = z.int().min(0).max(64)
/** Pixels. */
export const pixels = z.int().min(0).max(16_384)
