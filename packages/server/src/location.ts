/** What a location says: where audio comes from, and for audio without a header, what it is. See docs/sources.md. */

/** How a sample is written; all little-endian, channels interleaved. */
export const rawEncodings = ['s16le', 's24le', 's32le', 'f32le'] as const
export type RawEncoding = (typeof rawEncodings)[number]

export interface RawFormat {
  readonly encoding: RawEncoding
  /** Hertz. */
  readonly sampleRate: number
  readonly channels: number
  /** Audio held between arrival and timeline, in ms; the most that is waited for, of what is given as it comes. */
  readonly latencyMs: number
  /** To be given as it comes: what comes late is the rooms' to make good. */
  readonly isAsItComes?: boolean
  /** From arrival to loudspeaker, at least, in ms; undefined for as little as the rooms need. */
  readonly totalMs?: number
}

export type Location =
  | { readonly kind: 'file'; readonly path: string }
  /** One track of a cue sheet, counted from 1. */
  | { readonly kind: 'cue'; readonly path: string; readonly track: number }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'stdin'; readonly format: RawFormat }
  | { readonly kind: 'fifo'; readonly path: string; readonly format: RawFormat }
  | { readonly kind: 'exec'; readonly words: readonly string[]; readonly format: RawFormat }
  | { readonly kind: 'alsa'; readonly device: string; readonly format: RawFormat }
  /** Not understood; `problem` says why, for people. */
  | { readonly kind: 'unclear'; readonly problem: string }

/** As short as what is taken from a source at a time, a fade and a filter let it be, with arrivals that are never late. */
const leastLatencyMs = 15
/** What nearly everything that writes to a pipe can be told to write; and enough latency for programs that write in gulps. */
const defaultFormat: RawFormat = {
  encoding: 's16le',
  sampleRate: 44_100,
  channels: 2,
  latencyMs: 200,
  isAsItComes: true,
}
/** Capture cards give periods of a few milliseconds, and nothing makes them later than a busy machine. */
const captureFormat: RawFormat = {
  encoding: 's16le',
  sampleRate: 48_000,
  channels: 2,
  latencyMs: 60,
  isAsItComes: true,
}

const optionNames = ['format', 'rate', 'channels', 'latency', 'total'] as const
type OptionName = (typeof optionNames)[number]
/** A tail of nothing but known options, so that a question mark may also be part of a path or a command. */
const optionTail = new RegExp(`\\?((?:(?:${optionNames.join('|')})=[^&\\s?]*&?)+)$`)

export function parseLocation(text: string): Location {
  const [, scheme, rest = ''] = /^(-|fifo:|exec:|alsa:)(.*)$/s.exec(text) ?? []
  if (scheme !== undefined && (scheme !== '-' || rest === '' || rest.startsWith('?'))) return parseRaw(scheme, rest)
  if (/^https?:\/\//i.test(text)) {
    return URL.canParse(text)
      ? { kind: 'url', url: text }
      : { kind: 'unclear', problem: 'is not an address; check it.' }
  }
  const [, path, track] = /^(.+\.cue)#(\d{1,3})$/i.exec(text) ?? []
  return path === undefined ? { kind: 'file', path: text } : { kind: 'cue', path, track: Number(track) }
}

/** Whether what is there happens now, so that it cannot be had ahead of its time. */
export function isLiveLocation(text: string): boolean {
  return isPrivileged(parseLocation(text))
}

/** How far ahead of its time what the place gives is to be sent, in µs, though the rooms may need less. */
export function leastLeadUs(text: string): number {
  const location = parseLocation(text)
  if (!('format' in location)) return 0
  const { totalMs = 0, latencyMs } = location.format
  return Math.max(0, totalMs - latencyMs) * 1000
}

/** Whether this location makes the server run a program or take what its machine hears or is sent. */
export function isPrivileged({ kind }: Location): boolean {
  return kind === 'stdin' || kind === 'fifo' || kind === 'exec' || kind === 'alsa'
}

function parseRaw(scheme: string, rest: string): Location {
  const [tail, query = ''] = optionTail.exec(rest) ?? []
  const subject = tail === undefined ? rest : rest.slice(0, -tail.length)
  const format = parseFormat(query, scheme === 'alsa:' ? captureFormat : defaultFormat)
  if (typeof format === 'string') return { kind: 'unclear', problem: format }
  switch (scheme) {
    case '-':
      return subject === '' ? { kind: 'stdin', format } : { kind: 'unclear', problem: `has an unknown option: ${rest}` }
    case 'fifo:':
      return subject === '' ? missing('a path') : { kind: 'fifo', path: subject, format }
    case 'exec:': {
      const words = splitWords(subject)
      return words.length === 0 ? missing('a command') : { kind: 'exec', words, format }
    }
    default:
      return { kind: 'alsa', device: subject || 'default', format }
  }
}

function missing(what: string): Location {
  return { kind: 'unclear', problem: `names nothing; put ${what} after the colon.` }
}

function parseFormat(query: string, base: RawFormat): RawFormat | string {
  const options: Partial<Record<OptionName, string>> = Object.fromEntries(new URLSearchParams(query))
  const encoding = rawEncodings.find((name) => name === (options.format ?? base.encoding))
  if (encoding === undefined) return `has format=${options.format}; use one of ${rawEncodings.join(', ')}.`
  const sampleRate = Number(options.rate ?? base.sampleRate)
  const channels = Number(options.channels ?? base.channels)
  const latencyMs = Number(options.latency ?? base.latencyMs)
  if (!isWhole(sampleRate, 8000, 192_000)) return 'has a rate that is not between 8000 and 192000 Hz.'
  if (!isWhole(channels, 1, 8)) return 'has a number of channels that is not between 1 and 8.'
  if (!isWhole(latencyMs, leastLatencyMs, 10_000))
    return `has a latency that is not between ${leastLatencyMs} and 10000 ms.`
  const raw = { encoding, sampleRate, channels, latencyMs }
  // Who says how long all of it is to take gets that, whatever would be enough.
  if (options.total === undefined) return options.latency === undefined ? { ...raw, isAsItComes: true } : raw
  const totalMs = Number(options.total)
  return isWhole(totalMs, latencyMs, 10_000)
    ? { ...raw, totalMs }
    : `has a total that is not between its latency of ${latencyMs} and 10000 ms.`
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** Words as a shell would see them, and nothing else a shell would do: quotes group, a backslash takes one literally. */
function splitWords(command: string): readonly string[] {
  const words = command.matchAll(/(?:[^\s"'\\]+|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)
  return [...words].map(([word]) =>
    word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_, escaped, double, single) => {
      return escaped ?? double?.replace(/\\(.)/gs, '$1') ?? single
    }),
  )
}
