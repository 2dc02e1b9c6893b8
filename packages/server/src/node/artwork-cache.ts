/** Pictures of tracks, read from their files when somebody looks. */
import { readTags } from './source/read-tags.js'

export interface Picture {
  readonly mimeType: string
  readonly bytes: Uint8Array
}

/** Pictures kept in memory; a page shows one at a time. */
const mostKept = 8
/** What browsers show and nothing can be hidden in, by its first bytes. */
const signatures: readonly (readonly [mimeType: string, from: number, bytes: string])[] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
]

export class ArtworkCache {
  readonly #kept = new Map<string, Promise<Picture | undefined>>()

  /** Undefined when the file has none that a browser would show. */
  get(path: string): Promise<Picture | undefined> {
    const picture = this.#kept.get(path) ?? readPicture(path)
    this.#kept.delete(path)
    this.#kept.set(path, picture)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest)
    return picture
  }
}

async function readPicture(path: string): Promise<Picture | undefined> {
  const { tags } = await readTags(path)
  if (tags.artwork === undefined) return undefined
  const { bytes } = tags.artwork
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  const found = signatures.find(([, from, start]) => head.startsWith(start, from))
  return found && { mimeType: found[0], bytes }
}
