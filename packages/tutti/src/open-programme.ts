/** What the program can play: its own music, and whatever files and addresses the server can open. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { OpenSource } from '@tutti/server'
import { createOpenSource, findFfmpeg } from '@tutti/server/node'
import { Complaint } from './complaint.js'
import { musicLocation, openMusic } from './music.js'

/** Uses ffmpeg where there is one. */
export async function createProgrammeSource(): Promise<OpenSource> {
  const openFile = createOpenSource(await findFfmpeg())
  return async (location, fromMs) => (location === musicLocation ? openMusic(fromMs) : openFile(location, fromMs))
}

/** Locations as a queue keeps them: paths absolute, addresses as they are; a Complaint when a file is not there. */
export async function resolveLocations(locations: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    locations.map(async (location) => {
      if (location === musicLocation || /^https?:\/\//i.test(location)) return location
      const path = resolve(location)
      const found = await stat(path).catch(() => undefined)
      if (!found) throw new Complaint(`${location}: no such file; check the path`)
      if (!found.isFile()) throw new Complaint(`${location} is not a file; name the files in it`)
      return path
    }),
  )
}
