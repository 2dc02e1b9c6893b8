/** Where people keep their music. */
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Complaint } from './complaint.js'

/** The folders that were named, or else this user's own music folder where there is one. */
export async function musicFolders(named: readonly string[] | undefined): Promise<readonly string[]> {
  if (named === undefined) {
    const own = await ownMusicFolder()
    return (await isFolder(own)) ? [own] : []
  }
  for (const folder of named) {
    if (!(await isFolder(folder))) throw new Complaint(`--music ${folder}: there is no such folder; check the path`)
  }
  return named.map((folder) => resolve(folder))
}

/** Desktops say where it is (xdg-user-dirs); elsewhere it is called Music. */
async function ownMusicFolder(): Promise<string> {
  const config = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config')
  const text = await readFile(join(config, 'user-dirs.dirs'), 'utf8').catch(() => '') // not a desktop
  const [, said] = /^XDG_MUSIC_DIR="(.+)"$/m.exec(text) ?? []
  return said?.replace(/^\$HOME(?=\/|$)/, homedir()) ?? join(homedir(), 'Music')
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}
