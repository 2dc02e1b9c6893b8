/**
 * Readings of clocks. Every duration is a plain number whose name carries its unit (`delayUs`); a reading is
 * branded with the clock it came from, because a server reading and a local reading are both microseconds and
 * mixing them up is the one mistake a suffix cannot show.
 */
declare const timeline: unique symbol

/** A reading of the monotonic clock called `Name`, in microseconds since that clock's own origin. */
export type Reading<Name extends string> = number & { readonly [timeline]: Name }
/** A reading of this machine's monotonic clock. */
export type LocalUs = Reading<'local'>
/** A reading of the server's monotonic clock, the one every timestamp on the wire is in. */
export type ServerUs = Reading<'server'>

/** Moves a reading along its own timeline. */
export function shift<T extends Reading<string>>(reading: T, byUs: number): T {
  return (reading + byUs) as T
}

/** Time from one reading to another of the same clock, in microseconds. */
export function elapsedUs<T extends Reading<string>>(from: T, to: NoInfer<T>): number {
  return to - from
}
