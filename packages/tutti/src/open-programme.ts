/** What the program can play: its own music, and whatever places the server can open. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type OpenSource, parseLocation } from '@tutti/server'
import { createOpenSource, findFfmpeg, type SourceOptions } from '@tutti/server/node'
import { Complaint } from './complaint.js'
import { musicLocation, openMusic } from './music.js'

/** Uses ffmpeg where there is one. */
export async function createProgrammeSource(options: SourceOptions): Promise<OpenSource> {
  const openPlace = createOpenSource(await findFfmpeg(), options)
  return async (location, fromMs) => (location === musicLocation ? openMusic(fromMs) : openPlace(location, fromMs))
}

/** Locations as a queue keeps them: paths absolute, other places as they are; a Complaint when a file is not there. */
export async function resolveLocations(locations: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    locations.map(async (location) => {
      if (location === musicLocation) return location
      const place = parseLocation(location)
      if (place.kind === 'unclear') throw new Complaint(`${location} ${place.problem}`)
      if (place.kind === 'fifo') return location.replace(place.path, resolve(place.path))
      if (place.kind !== 'file' && place.kind !== 'cue') return location
      const found = await stat(place.path).catch(() => undefined)
      if (!found) throw new Complaint(`${location}: no such file; check the path`)
      if (!found.isFile() && !found.isDirectory())
        throw new Complaint(`${location} is no file; a pipe is named fifo:${location}`)
      return location.replace(place.path, resolve(place.path))
    }),
  )
}
