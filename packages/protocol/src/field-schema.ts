/** The kinds of field messages are made of, with the limits that keep a hostile peer from filling memory. */
import type { ServerUs } from '@tutti/clock'
import * as v from 'valibot'

/** Any number; JSON can say 1e999, which is infinite. */
export const finiteNumber = v.pipe(v.number(), v.finite('Expected a finite number'))
/** Both included. */
export const numberBetween = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most))
export const whole = v.pipe(v.number(), v.safeInteger('Expected a whole number'))
/** Both included. */
export const wholeBetween = (least: number, most: number) => v.pipe(whole, v.minValue(least), v.maxValue(most))
export const count = v.pipe(whole, v.minValue(0))

/** Identifiers, names of roles and commands. */
export const token = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
/** Text for people; the longest seen are titles of classical works, under 500. */
export const text = v.pipe(v.string(), v.maxLength(4096))
/** Pictures are sometimes sent as data URLs, but large ones belong in the artwork role. */
export const url = v.pipe(v.string(), v.maxLength(65_536))
/** What a peer can do: never more than a few dozen. */
export const tokens = v.pipe(v.array(token), v.maxLength(256))

/** A whole number of microseconds on some clock. */
export const timeUs = whole
export const serverUs = timeUs as unknown as v.GenericSchema<unknown, ServerUs>

/** Perceived loudness; the specification says whole, but players with a fader report fractions. */
export const volume = numberBetween(0, 100)
/** Sendspin, player object: 0 to 5000. */
export const outputDelayMs = numberBetween(0, 5000)
/** The specification sets no upper limit; an hour is beyond any device. */
export const leadMs = numberBetween(0, 3_600_000)
/** A day of one track, either way. */
export const positionMs = numberBetween(-86_400_000, 86_400_000)

export const codec = token
export const channels = wholeBetween(1, 64)
/** Hertz. */
export const sampleRate = wholeBetween(1000, 768_000)
/** 0 is what some players give for Opus, which has no sample size. */
export const bitDepth = wholeBetween(0, 64)
/** Pixels. */
export const pixels = wholeBetween(0, 16_384)
