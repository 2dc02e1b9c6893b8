/** What can be wrong with a file, in words for the person who owns it. */
import { basename } from 'node:path'
import { parseLocation } from '../../location.js'

/** A track that cannot be had. The message is one line: which, what happened, what to do. */
export class SourceProblem extends Error {
  constructor(location: string, problem: string, options?: ErrorOptions) {
    super(`${shortName(location)}: ${problem}`, options)
    this.name = 'SourceProblem'
  }
}

/** What a system call's error code means to someone who wants to hear the file. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the path.',
  EACCES: 'may not be read; give the user that runs Tutti read permission.',
  EPERM: 'may not be read; give the user that runs Tutti read permission.',
  EISDIR: 'is a directory; give a file.',
  ENAMETOOLONG: 'the path is too long.',
  EIO: 'the disk does not give it back (I/O error); copy it elsewhere.',
  EMFILE: 'too many files are open; raise the limit (ulimit -n).',
}

export function fileProblem(location: string, error: unknown): SourceProblem {
  if (error instanceof SourceProblem) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new SourceProblem(location, meanings[code] ?? `cannot be read (${firstLine(error)}).`, { cause: error })
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n', 1)[0]!.slice(0, 200)
}

/** The file's name, without the folders and passwords a location may hold. */
function shortName(text: string): string {
  const location = parseLocation(text)
  switch (location.kind) {
    case 'url': {
      const { host, pathname } = new URL(location.url)
      return host + pathname
    }
    case 'cue':
      return `${basename(location.path)}#${location.track}`
    case 'stdin':
      return 'standard input'
    case 'exec':
      return basename(location.words[0]!)
    case 'alsa':
      return `alsa:${location.device}`
    case 'unclear':
      return text.slice(0, 100)
    default:
      return basename(location.path)
  }
}

export function isUrl(location: string): boolean {
  return parseLocation(location).kind === 'url'
}
