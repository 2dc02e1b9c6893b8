/** Lists of tracks, as files write them: M3U, PLS and cue sheets. Relative places are relative to the list. */

export interface PlaylistEntry {
  /** As it is written; for a cue sheet, the audio file. */
  readonly place: string
  readonly title?: string
}

export interface CueTrack extends PlaylistEntry {
  readonly performer?: string
  /** Where it begins in its file, in ms. */
  readonly startMs: number
  /** Where the next one in the same file begins; undefined for the last. */
  readonly endMs: number | undefined
}

export type PlaylistKind = 'm3u' | 'pls' | 'cue'

/** By the ending of a path or an address. */
export function playlistKind(path: string): PlaylistKind | undefined {
  const [, ending] = /\.(m3u8?|pls|cue)$/i.exec(path) ?? []
  const kind = ending?.toLowerCase()
  return kind === 'm3u8' ? 'm3u' : (kind as PlaylistKind | undefined)
}

/** An HLS list is not of tracks but of pieces of one (RFC 8216, section 4.3). */
export function isHls(text: string): boolean {
  return /^#EXT-X-/m.test(text)
}

/** What is no entry is a comment; `#EXTINF:seconds,title` gives the title of the next. */
export function parseM3u(text: string): readonly PlaylistEntry[] {
  const entries: PlaylistEntry[] = []
  let title: string | undefined
  for (const line of linesOf(text)) {
    const [, named] = /^#EXTINF:[^,]*,(.*)$/i.exec(line) ?? []
    if (named !== undefined) title = named.trim()
    if (line.startsWith('#')) continue
    entries.push({ place: line, ...(title && { title }) })
    title = undefined
  }
  return entries
}

export function parsePls(text: string): readonly PlaylistEntry[] {
  const fields = new Map<string, string>()
  for (const line of linesOf(text)) {
    const [, name, value] = /^(File\d+|Title\d+)\s*=\s*(.*)$/i.exec(line) ?? []
    if (name !== undefined && value) fields.set(name.toLowerCase(), value)
  }
  const numbers = [...fields.keys()].filter((name) => name.startsWith('file')).map((name) => Number(name.slice(4)))
  return numbers
    .sort((a, b) => a - b)
    .map((number) => {
      const title = fields.get(`title${number}`)
      return { place: fields.get(`file${number}`)!, ...(title && { title }) }
    })
}

/** Index 01 is where a track begins (Hydrogenaudio, "Cue sheet"); gaps before it belong to the track before. */
export function parseCue(text: string): readonly CueTrack[] {
  const tracks: { place: string; title?: string; performer?: string; startMs: number }[] = []
  let place: string | undefined
  let about: { title?: string; performer?: string } = {}
  let isInTrack = false
  let performer: string | undefined
  for (const line of linesOf(text)) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    const value = unquoted(rest)
    const startMs = /^01\s/.test(rest) ? cueTimeMs(rest.slice(2)) : undefined
    if (/^FILE$/i.test(word)) place = unquoted(rest.replace(/\s+\w+$/, ''))
    else if (/^TRACK$/i.test(word)) [about, isInTrack] = [performer === undefined ? {} : { performer }, true]
    else if (/^TITLE$/i.test(word) && isInTrack) about = { ...about, title: value }
    else if (/^PERFORMER$/i.test(word) && isInTrack) about = { ...about, performer: value }
    else if (/^PERFORMER$/i.test(word)) performer = value
    else if (/^INDEX$/i.test(word) && place !== undefined && startMs !== undefined) {
      tracks.push({ place, ...about, startMs })
    }
  }
  return tracks.map((track, index) => {
    const next = tracks[index + 1]
    return { ...track, endMs: next?.place === track.place ? next.startMs : undefined }
  })
}

/** Minutes, seconds and frames, 75 of them a second. */
function cueTimeMs(text: string): number | undefined {
  const [, minutes, seconds, frames] = /^\s*(\d+):(\d{1,2}):(\d{1,2})/.exec(text) ?? []
  if (minutes === undefined) return undefined
  return (Number(minutes) * 60 + Number(seconds) + Number(frames) / 75) * 1000
}

function unquoted(text: string): string {
  return text.trim().replace(/^"(.*)"$/, '$1')
}

function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}
