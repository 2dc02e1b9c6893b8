/**
 * Keeps the server's state in a file that is whole at any moment: each version is written beside the last, synced and
 * moved into its place. A file that cannot be read is kept aside, never overwritten.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { writeFile } from 'atomically'
import { emptyState, formatState, parseState, type ServerState } from '../server-state.js'

/** Where state belongs by the XDG Base Directory Specification. */
export function defaultStateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  return join(base, 'tutti')
}

/** What changes together is written together, but never later than this. */
const delayMs = 1000
/** Names of rooms and music say something about people. */
const privateFile = { mode: 0o600, fsync: true } as const

export class StateStore {
  readonly #file: string
  readonly #idFile: string
  readonly #folder: string
  readonly #onProblem: (problem: string) => void
  #timer: NodeJS.Timeout | undefined
  #current: (() => ServerState) | undefined
  #writing: Promise<void> = Promise.resolve()
  #written = ''

  constructor(folder: string, onProblem: (problem: string) => void) {
    this.#folder = folder
    this.#file = join(folder, 'server.json')
    this.#idFile = join(folder, 'server-id')
    this.#onProblem = onProblem
  }

  /** What was kept; an empty state, and a word to `onProblem`, when that cannot be read. */
  async load(): Promise<ServerState> {
    const text = await read(this.#file)
    if (text === undefined) return emptyState
    const parsed = parseState(text)
    if ('state' in parsed) return sinceThen(parsed.state)
    const aside = `${this.#file}.unreadable-${new Date().toISOString().replaceAll(':', '-')}`
    await rename(this.#file, aside)
    this.#onProblem(
      `${this.#file} cannot be used: ${parsed.problem}. It is kept as ${aside}; rooms and queues start afresh.`,
    )
    return emptyState
  }

  /** The id players know this server by: made once, in a file of its own so that it outlives damage to the state. */
  async serverId(): Promise<string> {
    const kept = (await read(this.#idFile))?.trim()
    if (kept !== undefined && /^[\w-]{8,64}$/.test(kept)) return kept
    const id = randomUUID()
    await this.#write(this.#idFile, `${id}\n`)
    return id
  }

  /** Writes what `current` returns, soon; called again before that, it makes no difference. */
  save(current: () => ServerState): void {
    this.#current = current
    this.#timer ??= setTimeout(() => void this.flush(), delayMs)
    this.#timer.unref()
  }

  /** Writes at once what is still to be written; resolves when it is on the disk. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const current = this.#current
    this.#current = undefined
    if (current !== undefined) {
      this.#writing = this.#writing.then(async () => {
        const state = current()
        const text = formatState(state)
        if (text === this.#written) return
        try {
          await this.#write(this.#file, formatState({ ...state, writtenAt: nowS() }))
          this.#written = text
        } catch (error) {
          this.#onProblem(
            `cannot write ${this.#file}: ${(error as Error).message}; changes will be lost at the next start`,
          )
        }
      })
    }
    return this.#writing
  }

  async #write(file: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(file, text, privateFile)
  }
}

/** Who was away when it was written has been away for longer by now. */
function sinceThen({ writtenAt = nowS(), ...state }: ServerState): ServerState {
  const passedS = Math.max(0, nowS() - writtenAt) // the machine's clock may have been set back
  const clients = state.clients.map(({ awayS, ...client }) =>
    awayS === undefined ? client : { ...client, awayS: awayS + passedS },
  )
  return { ...state, clients }
}

function nowS(): number {
  return Math.round(Date.now() / 1000)
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`cannot read ${file}: ${(error as Error).message}`)
  }
}
