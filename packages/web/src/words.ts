/** Numbers as people say them. */

/** `3:05`, `1:02:07`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const tail = String(s).padStart(2, '0')
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`
}

/** `3 minutes 5 seconds`, for screen readers. */
export function spokenTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ]
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => plural(count, unit))
  return said.length === 0 ? '0 seconds' : said.join(' ')
}

export function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** `just now`, `5 minutes ago`, `2 days ago`. */
export function ago(seconds: number): string {
  if (seconds < 45) return 'just now'
  const steps: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ]
  for (const [length, unit] of steps) {
    if (seconds >= length) return `${plural(Math.floor(seconds / length), unit)} ago`
  }
  return '1 minute ago'
}

/** A size in the unit people compare rooms by: `0.04 ms`, `3 ms`, `1.2 s`. The sign is left out. */
export function milliseconds(us: number): string {
  const ms = Math.abs(us) / 1000
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 10) return `${Math.round(ms)} ms`
  if (ms >= 1) return `${ms.toFixed(1)} ms`
  return `${Math.max(ms, 0.01).toFixed(2)} ms`
}

/** The same upwards: what something is surely within. */
export function withinMilliseconds(us: number): string {
  const ms = Math.abs(us) / 1000
  const step = ms >= 10 ? 1 : ms >= 1 ? 0.1 : 0.01
  const digits = ms >= 10 ? 0 : ms >= 1 ? 1 : 2
  return `${Math.max(Math.ceil(ms / step - 1e-9) * step, 0.01).toFixed(digits)} ms`
}

/** `+12 µs`, `−0.4 ms`. */
export function signedOffset(us: number): string {
  const size = Math.abs(us)
  if (size < 0.5) return '0 µs'
  const sign = us < 0 ? '−' : '+'
  return size < 1000 ? `${sign}${Math.round(size)} µs` : `${sign}${milliseconds(size)}`
}

export function signedPpm(ppm: number): string {
  const size = Math.abs(ppm).toFixed(1)
  return size === '0.0' ? '0 ppm' : `${ppm < 0 ? '−' : '+'}${size} ppm`
}

/** A server's line, as one on the page. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`
}
