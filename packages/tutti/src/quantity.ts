/** Quantities as people read them: three figures, a unit, and a sign where direction matters. */

const minus = '−'

/** `+12.3 µs`, `−1.20 ms`, `+3.00 s`; positive is late. */
export function formatOffset(us: number): string {
  return `${us < 0 ? minus : '+'}${formatDuration(Math.abs(us))}`
}

/** `0.8 µs`, `12.3 µs`, `1.20 ms`, `3.00 s`. */
export function formatDuration(us: number): string {
  if (us < 999.5) return `${threeFigures(us)} µs`
  if (us < 999_500) return `${threeFigures(us / 1000)} ms`
  return `${threeFigures(us / 1e6)} s`
}

/** `+60.0 ppm`. */
export function formatPpm(ppm: number): string {
  const tenths = Math.abs(ppm).toFixed(1)
  return `${ppm < 0 && tenths !== '0.0' ? minus : '+'}${tenths} ppm`
}

/** `1 room`, `3 rooms`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function threeFigures(value: number): string {
  if (value < 9.95) return value.toFixed(value < 0.995 ? 1 : 2)
  return value.toFixed(value < 99.5 ? 1 : 0)
}
