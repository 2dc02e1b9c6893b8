/**
 * Who may operate the house. This machine always may. A browser or program elsewhere shows the pairing code once, which
 * only the server's terminal shows, and is then known by a token of its own that can be revoked. What an attacker may
 * try, and what this does about it: docs/security.md.
 */
import { createHash, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { finiteNumber } from '@tutti/protocol'
import { writeFile } from 'atomically'
import * as v from 'valibot'

/** stranger: may see the page and ask to be paired, nothing else. */
export type Caller =
  | { readonly kind: 'local' }
  | { readonly kind: 'paired'; readonly browser: string }
  | { readonly kind: 'stranger' }

export interface PairedBrowser {
  readonly id: string
  /** For people. */
  readonly name: string
  /** Seconds since 1970. */
  readonly pairedAt: number
  readonly lastSeenAt: number
}

export type Pairing =
  | { readonly token: string; readonly browser: PairedBrowser }
  /** In one line, why not. */
  | { readonly problem: string }

export interface DoorkeeperOptions {
  /** Where tokens are kept, as hashes, readable to their owner only. */
  readonly folder: string
  /** Whether other machines may come in at all. */
  readonly admitsOthers: boolean
  /** Told the code at the start and whenever it changes. */
  readonly onCode: (code: string) => void
  readonly onProblem: (problem: string) => void
  /** Seconds since 1970. */
  readonly now: () => number
}

const stored = v.object({
  browsers: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      tokenHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      pairedAt: finiteNumber,
      lastSeenAt: finiteNumber,
    }),
  ),
})
type Kept = v.InferOutput<typeof stored>['browsers'][number]

const cookieName = 'tutti'
/** The longest a browser keeps a cookie (RFC 6265bis, section 5.5). */
const cookieS = 400 * 86_400
/** A household's; beyond it the one not seen for longest has to pair again. */
const mostBrowsers = 200
/** Wrong codes before nobody may try for a while, twice as long each time: 5 in 30 s at first, 120 a day at last. */
const mostTries = 5
const firstPauseS = 30
const longestPauseS = 3_600
/** When a browser was last here is noted no finer. */
const seenEveryS = 3_600

export class Doorkeeper {
  readonly #options: DoorkeeperOptions
  readonly #file: string
  #browsers: Kept[] = []
  #code = newCode()
  #tries = 0
  #pauseS = firstPauseS
  #closedUntil = 0
  #writing: Promise<void> = Promise.resolve()

  /** A file that cannot be used costs the pairings, and is said. */
  static async open(options: DoorkeeperOptions): Promise<Doorkeeper> {
    const keeper = new Doorkeeper(options)
    await keeper.#load()
    if (options.admitsOthers) options.onCode(keeper.#code)
    return keeper
  }

  private constructor(options: DoorkeeperOptions) {
    this.#options = options
    this.#file = join(options.folder, 'browsers.json')
  }

  /** What pairs a browser now: six digits. */
  get code(): string {
    return this.#code
  }

  get browsers(): readonly PairedBrowser[] {
    return this.#browsers.map(withoutHash)
  }

  identify(request: IncomingMessage): Caller {
    if (isLocal(request)) return { kind: 'local' }
    const token = this.#options.admitsOthers ? tokenOf(request) : undefined
    const browser = token === undefined ? undefined : this.#find(token)
    if (browser === undefined) return { kind: 'stranger' }
    const now = this.#options.now()
    if (now - browser.lastSeenAt > seenEveryS) {
      browser.lastSeenAt = now
      this.#save()
    }
    return { kind: 'paired', browser: browser.id }
  }

  pair(code: string, name: string): Pairing {
    const now = this.#options.now()
    if (!this.#options.admitsOthers) return { problem: 'this server is operated from its own machine only' }
    if (now < this.#closedUntil) {
      const waitS = Math.ceil(this.#closedUntil - now)
      return { problem: `too many wrong codes; look at the server's terminal again in ${waitS} s` }
    }
    if (!sameText(code.replaceAll(/\D/g, ''), this.#code)) {
      this.#refused(now)
      return { problem: "this is not the code in the server's terminal" }
    }
    this.#tries = 0
    this.#pauseS = firstPauseS
    const token = randomBytes(32).toString('base64url')
    const browser: Kept = { id: randomUUID(), name, tokenHash: hash(token), pairedAt: now, lastSeenAt: now }
    this.#browsers.push(browser)
    if (this.#browsers.length > mostBrowsers) {
      this.#browsers.sort((a, b) => a.lastSeenAt - b.lastSeenAt)
      this.#browsers.shift()
    }
    this.#save()
    this.#renewCode()
    return { token, browser: withoutHash(browser) }
  }

  /** False when there is none of that id. */
  revoke(id: string): boolean {
    const left = this.#browsers.filter((browser) => browser.id !== id)
    if (left.length === this.#browsers.length) return false
    this.#browsers = left
    this.#save()
    return true
  }

  /** Resolves when everything is on disk. */
  flush(): Promise<void> {
    return this.#writing
  }

  #find(token: string): Kept | undefined {
    const wanted = hash(token)
    return this.#browsers.find(({ tokenHash }) => sameText(tokenHash, wanted))
  }

  #refused(now: number): void {
    if (++this.#tries < mostTries) return
    this.#tries = 0
    this.#closedUntil = now + this.#pauseS
    this.#pauseS = Math.min(this.#pauseS * 2, longestPauseS)
    this.#renewCode()
  }

  #renewCode(): void {
    this.#code = newCode()
    this.#options.onCode(this.#code)
  }

  async #load(): Promise<void> {
    try {
      this.#browsers = v.parse(stored, JSON.parse(await readFile(this.#file, 'utf8'))).browsers
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#options.onProblem(`cannot read ${this.#file}; browsers have to be paired again`)
    }
  }

  #save(): void {
    this.#writing = this.#writing.then(async () => {
      const text = JSON.stringify({ browsers: this.#browsers }, undefined, 1)
      try {
        await mkdir(this.#options.folder, { recursive: true, mode: 0o700 })
        await writeFile(this.#file, text, { mode: 0o600 })
      } catch (error) {
        this.#options.onProblem(`cannot write ${this.#file}: ${(error as Error).message}`)
      }
    })
  }
}

/** For the `Set-Cookie` header. No script can read it, and no request that starts on another site carries it. */
export function tokenCookie(token: string): string {
  return `${cookieName}=${token}; Path=/; Max-Age=${cookieS}; HttpOnly; SameSite=Strict`
}

export const clearedCookie = `${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`

/** From this machine, and not on behalf of another: a reverse proxy says for whom it asks. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? ''
  const isLoopback = /^(?:::ffff:)?127\./.test(address) || address === '::1'
  return isLoopback && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  const [, bearer] = /^Bearer ([\w-]{20,100})$/i.exec(headers.authorization ?? '') ?? []
  if (bearer !== undefined) return bearer
  const [, cookie] = /(?:^|;\s*)tutti=([\w-]{20,100})(?:;|$)/.exec(headers.cookie ?? '') ?? []
  return cookie
}

function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0')
}

/** A token has 256 bits of its own: a plain hash keeps it secret. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function withoutHash({ id, name, pairedAt, lastSeenAt }: Kept): PairedBrowser {
  return { id, name, pairedAt, lastSeenAt }
}
