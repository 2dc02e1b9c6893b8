/** Folders and lists on disk, as the tracks they stand for. No track is opened, so that thousands take no time. */
import { opendir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseLocation } from '../../location.js'
import { parseCue, parseM3u, parsePls, playlistKind } from '../../playlist.js'
import type { Track } from '../../track.js'
import { decodePlainText } from './plain-text.js'
import { fileProblem, SourceProblem } from './source-problem.js'

/** Endings of what is worth trying; in a folder everything else is passed over. */
const audioEnding =
  /\.(mp3|flac|ogg|oga|opus|wav|m4a|m4b|mp4|aac|aif|aiff|wma|alac|ape|wv|mka|webm|mpc|dsf|dff|caf|mp2|ac3|dts)$/i
/** Whether a file of this name is worth trying: audio, or a list of it. */
export function isPlayableName(name: string): boolean {
  return audioEnding.test(name) || playlistKind(name) !== undefined
}

const maxListBytes = 4_000_000
const mostTracks = 10_000
/** A folder in itself, by a link, must come to an end. */
const mostDepth = 20

/** `live`, when given, goes for every track. Rejects with a SourceProblem when there is nothing to add. */
export async function expandTrack(track: Track): Promise<readonly Track[]> {
  const location = parseLocation(track.location)
  if (location.kind !== 'file') return [track]
  const { path } = location
  const places = playlistKind(path) === undefined ? await expandPlace(path) : await readPlaylist(path)
  if (places === undefined) return [track]
  if (places.length === 0) throw new SourceProblem(path, 'holds nothing that could be played.')
  return places.slice(0, mostTracks).map((place) => ({ ...track, ...place }))
}

/** Undefined when it is no folder. */
async function expandPlace(path: string): Promise<readonly Track[] | undefined> {
  const about = await stat(path).catch(() => undefined) // opening it will say what is wrong
  if (!about?.isDirectory()) return undefined
  const found: string[] = []
  await collect(path, found, mostDepth)
  return found.map((location) => ({ location }))
}

/** As people count: 2 before 10, whatever the case; a folder's own files before those of the folders in it. */
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

async function collect(folder: string, found: string[], depthLeft: number): Promise<void> {
  const files: string[] = []
  const folders: string[] = []
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      const isFolder = entry.isSymbolicLink() ? await leadsToFolder(path) : entry.isDirectory()
      if (isFolder) folders.push(path)
      else if (audioEnding.test(entry.name)) files.push(path)
    }
  } catch (error) {
    throw fileProblem(folder, error)
  }
  found.push(...files.sort(natural.compare))
  for (const inner of depthLeft > 0 ? folders.sort(natural.compare) : []) {
    if (found.length < mostTracks) await collect(inner, found, depthLeft - 1)
  }
}

async function leadsToFolder(path: string): Promise<boolean> {
  const about = await stat(path).catch(() => undefined) // a link that leads nowhere
  return about?.isDirectory() ?? false
}

async function readPlaylist(path: string): Promise<readonly Track[]> {
  const text = await readPlaylistText(path)
  const kind = playlistKind(path)
  if (kind === 'cue') return parseCue(text).map(({ title }, index) => titled(`${path}#${index + 1}`, title))
  const entries = kind === 'pls' ? parsePls(text) : parseM3u(text)
  return entries.flatMap(({ place, title }) => {
    const location = placeOf(place, dirname(path))
    return location === undefined ? [] : [titled(location, title)]
  })
}

function titled(location: string, title: string | undefined): Track {
  return title === undefined ? { location } : { location, title }
}

/** A list names files and stations; it may not start programs. */
function placeOf(place: string, folder: string): string | undefined {
  const { kind } = parseLocation(place)
  if (kind === 'url') return place
  if (/^file:\/\//i.test(place)) return URL.canParse(place) ? fileURLToPath(place) : undefined
  return kind === 'file' || kind === 'cue' ? resolve(folder, place.replaceAll('\\', '/')) : undefined
}

export async function readPlaylistText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > maxListBytes) throw new SourceProblem(path, 'is too long for a list; check the file.')
    return decodePlainText(await readFile(path))
  } catch (error) {
    throw fileProblem(path, error)
  }
}
