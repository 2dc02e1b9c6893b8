/** The folders whose music may be looked through, and queued from other machines. */
import { opendir } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { parseLocation } from '../location.js'
import { isPlayableName } from './source/playlist-file.js'

export interface FolderEntry {
  readonly kind: 'folder' | 'track'
  readonly name: string
  readonly path: string
}

export interface FolderView {
  /** Undefined for the list of the folders themselves. */
  readonly path: string | undefined
  /** What is above it, when that may be looked at. */
  readonly parent: string | undefined
  readonly entries: readonly FolderEntry[]
}

/** More than anyone scrolls through; the folder can still be added whole. */
const mostEntries = 5_000
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

export class MusicFolders {
  readonly #roots: readonly string[]

  constructor(folders: readonly string[]) {
    this.#roots = folders.map((folder) => resolve(folder))
  }

  /** Whether `path` is one of the folders or in one. Links in them lead wherever their owner wants. */
  holds(path: string): boolean {
    const absolute = resolve(path)
    return this.#roots.some((root) => absolute === root || absolute.startsWith(root.endsWith(sep) ? root : root + sep))
  }

  /** Whether someone on another machine may have `location` played: music of these folders, or from an address. */
  permits(location: string): boolean {
    const parsed = parseLocation(location)
    switch (parsed.kind) {
      case 'url':
        return true
      case 'file':
      case 'cue':
        return this.holds(parsed.path)
      default:
        return false
    }
  }

  /** Undefined when there is no such folder among them, or it cannot be read. */
  async look(path: string | undefined): Promise<FolderView | undefined> {
    if (path === undefined) {
      const entries = this.#roots.map((root) => ({ kind: 'folder', name: basename(root) || root, path: root }) as const)
      const [only] = entries
      return entries.length === 1 && only ? this.look(only.path) : { path, parent: undefined, entries }
    }
    const folder = resolve(path)
    if (!this.holds(folder)) return undefined
    const entries = await readFolder(folder)
    const parent = this.holds(dirname(folder)) && dirname(folder) !== folder ? dirname(folder) : undefined
    return entries && { path: folder, parent, entries }
  }
}

async function readFolder(folder: string): Promise<readonly FolderEntry[] | undefined> {
  const entries: FolderEntry[] = []
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.name.startsWith('.') || entries.length >= mostEntries) continue
      const path = join(folder, entry.name)
      if (isPlayableName(entry.name)) entries.push({ kind: 'track', name: entry.name, path })
      else if (entry.isDirectory() || entry.isSymbolicLink()) entries.push({ kind: 'folder', name: entry.name, path })
    }
  } catch {
    return undefined // gone, or not to be read: whoever asked is told that it is not there
  }
  return entries.sort((a, b) => a.kind.localeCompare(b.kind) || natural.compare(a.name, b.name))
}
