/** The server's own interface for people and programs: JSON over HTTP and WebSocket, described in docs/control-api.md. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refuseUpgrade } from '@tutti/protocol/node'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { type Command, commandSchema } from '../command.js'
import type { ServerEvent } from '../event.js'
import type { CommandResult } from '../output.js'
import type { ServerStatus } from '../status.js'
import { type Reading, type RoomHistory, type TelemetrySpan, telemetrySpans } from '../telemetry-history.js'
import { ArtworkCache } from './artwork-cache.js'
import { type Caller, clearedCookie, type Doorkeeper, tokenCookie } from './doorkeeper.js'
import { describeMetrics } from './metrics.js'
import type { MusicFolders } from './music-folders.js'

/** What the interface operates. */
export interface Controls {
  status(): ServerStatus
  /** The latest reading of each room that tells, and the past of all. */
  readings(): readonly Reading[]
  past(span: TelemetrySpan): readonly RoomHistory[]
  /** Rejects with a CommandProblem when it cannot be done. */
  command(command: Command): Promise<CommandResult>
  /** The result ends the subscription. */
  subscribe(listener: (event: ServerEvent) => void): () => void
}

/** A command that makes sense but cannot be carried out, with the reason for people. */
export class CommandProblem extends Error {
  override readonly name = 'CommandProblem'
}

/** A queue of ten thousand tracks with long paths. */
const mostBodyBytes = 8 * 2 ** 20
/** A subscriber that leaves so much unread is gone or asleep. */
const mostUnreadBytes = 4 * 2 ** 20
/** Changes that come together are told together. */
const statusDelayMs = 50

/** How often new readings of rooms are passed on. */
const readingsEveryMs = 1_000
const mostPairingBytes = 1_000

export interface ControlApiParts {
  readonly controls: Controls
  readonly doorkeeper: Doorkeeper
  readonly music: MusicFolders
  readonly version: string
}

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  /** Who besides a paired browser and this machine may ask; `local`: not even a paired browser. */
  readonly isFor?: 'anyone' | 'local'
  readonly answer: (request: IncomingMessage, response: ServerResponse, caller: Caller, match: string) => unknown
}

const pairingRequest = z.object({
  code: z.string().max(20),
  name: z.string().trim().min(1).max(100).default('Browser'),
  /** For programs, which keep no cookies: the token in the answer instead, for `Authorization: Bearer`. */
  wantsToken: z.boolean().default(false),
})

export class ControlApi {
  readonly #parts: ControlApiParts
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostBodyBytes })
  readonly #callers = new Map<WebSocket, Caller>()
  readonly #artwork = new ArtworkCache()
  readonly #routes: readonly Route[]

  constructor(parts: ControlApiParts) {
    this.#parts = parts
    const { controls, doorkeeper, music, version } = parts
    this.#routes = [
      {
        method: 'GET',
        path: /^\/api\/access$/,
        isFor: 'anyone',
        answer: (_, response, caller) =>
          respond(response, 200, {
            name: controls.status().server.name,
            isAllowed: caller.kind !== 'stranger',
            version,
          }),
      },
      {
        method: 'POST',
        path: /^\/api\/pair$/,
        isFor: 'anyone',
        answer: (request, response) => this.#pair(request, response),
      },
      {
        method: 'GET',
        path: /^\/api\/pairing$/,
        isFor: 'local',
        answer: (_, response) => respond(response, 200, { code: doorkeeper.code }),
      },
      { method: 'GET', path: /^\/api\/status$/, answer: (_, response) => respond(response, 200, controls.status()) },
      {
        method: 'POST',
        path: /^\/api\/commands$/,
        answer: (request, response, caller) => this.#carryOut(request, response, caller),
      },
      {
        method: 'GET',
        path: /^\/api\/telemetry$/,
        answer: (request, response) => this.#tellPast(request, response),
      },
      {
        method: 'GET',
        path: /^\/api\/library$/,
        answer: async (request, response) => {
          const view = await music.look(queryOf(request).get('folder') ?? undefined)
          if (view === undefined) respond(response, 404, problem('not-found', 'there is no such music folder'))
          else respond(response, 200, view)
        },
      },
      {
        method: 'GET',
        path: /^\/api\/artwork\/([\w-]{1,64})$/,
        answer: (_request, response, _caller, entry) => this.#showArtwork(response, entry),
      },
      {
        method: 'GET',
        path: /^\/api\/browsers$/,
        answer: (_, response, caller) => {
          const isThisOne = (id: string): boolean => caller.kind === 'paired' && caller.browser === id
          const browsers = doorkeeper.browsers.map((browser) => ({ ...browser, isThisOne: isThisOne(browser.id) }))
          respond(response, 200, { browsers })
        },
      },
      {
        method: 'DELETE',
        path: /^\/api\/browsers\/([\w-]{1,64})$/,
        answer: (_request, response, caller, id) => this.#revoke(response, caller, id),
      },
      {
        method: 'GET',
        path: /^\/metrics$/,
        answer: async (_, response) => {
          const text = await describeMetrics(controls.status(), controls.readings())
          send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', Buffer.from(text))
        },
      },
    ]
  }

  /** Whether requests to `path` are for this interface. */
  owns(path: string): boolean {
    return path.startsWith('/api/') || path === '/metrics'
  }

  /** Answers a request that the guard has let through. */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const there = this.#routes.filter((route) => route.path.test(path))
    const route = there.find(({ method }) => method === request.method)
    if (route === undefined) {
      const methods = there.map(({ method }) => method).join(', ')
      if (there.length === 0)
        respond(response, 404, problem('not-found', `there is no ${path}; see docs/control-api.md`))
      else respond(response, 405, problem('wrong-method', `use ${methods}`), { Allow: methods })
      return
    }
    const caller = this.#parts.doorkeeper.identify(request)
    const refusal = refusalOf(route, caller)
    if (refusal !== undefined) return respond(response, refusal.status, refusal.body)
    try {
      await route.answer(request, response, caller, route.path.exec(path)?.[1] ?? '')
    } catch (error) {
      if (!response.headersSent) respond(response, 500, problem('internal', 'the server has a bug; its log says more'))
      throw error
    }
  }

  /** Takes over a request to upgrade that the guard has let through. */
  upgrade(path: string, request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (path !== '/api/events') return refuseUpgrade(socket, '404 Not Found')
    const caller = this.#parts.doorkeeper.identify(request)
    if (caller.kind === 'stranger') return refuseUpgrade(socket, '401 Unauthorized')
    socket.on('error', () => socket.destroy())
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#callers.set(webSocket, caller)
      webSocket.once('close', () => this.#callers.delete(webSocket))
      follow(this.#parts.controls, webSocket, (text) => this.#obey(text, caller))
    })
  }

  close(): void {
    for (const webSocket of this.#sockets.clients) webSocket.terminate()
  }

  async #pair(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = await this.#readJson(request, response, mostPairingBytes)
    if (json === undefined) return
    const parsed = pairingRequest.safeParse(json.value)
    if (!parsed.success) return respond(response, 400, problem('invalid', 'a pairing needs a code and a name'))
    const { code, name, wantsToken } = parsed.data
    const pairing = this.#parts.doorkeeper.pair(code, name)
    if ('problem' in pairing) return respond(response, 403, problem('not-paired', pairing.problem))
    const { token, browser } = pairing
    if (wantsToken) return respond(response, 200, { browser, token })
    respond(response, 200, { browser }, { 'Set-Cookie': tokenCookie(token) })
  }

  #revoke(response: ServerResponse, caller: Caller, id: string): void {
    if (!this.#parts.doorkeeper.revoke(id)) {
      respond(response, 404, problem('not-found', 'no such browser is paired'))
      return
    }
    for (const [webSocket, { kind, ...who }] of this.#callers) {
      if (kind === 'paired' && 'browser' in who && who.browser === id) webSocket.terminate()
    }
    const wasItself = caller.kind === 'paired' && caller.browser === id
    respond(response, 200, {}, wasItself ? { 'Set-Cookie': clearedCookie } : {})
  }

  #tellPast(request: IncomingMessage, response: ServerResponse): void {
    const { controls } = this.#parts
    const wanted = queryOf(request).get('span') ?? 'minutes'
    const span = telemetrySpans.find((name) => name === wanted)
    if (span === undefined)
      return respond(response, 400, problem('invalid', `span: one of ${telemetrySpans.join(', ')}`))
    respond(response, 200, { at: controls.status().at, rooms: controls.past(span) })
  }

  async #showArtwork(response: ServerResponse, id: string): Promise<void> {
    const entries = this.#parts.controls.status().groups.flatMap(({ queue }) => queue)
    const entry = entries.find((candidate) => candidate.id === id)
    const picture = entry && (await this.#artwork.get(entry.location))
    if (picture === undefined) return respond(response, 404, problem('not-found', 'it has no picture'))
    const headers = {
      'Cache-Control': 'private, max-age=86400',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    }
    send(response, 200, picture.mimeType, Buffer.from(picture.bytes), headers)
  }

  async #carryOut(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const json = await this.#readJson(request, response, mostBodyBytes)
    if (json === undefined) return
    const outcome = await this.#perform(json.value, caller)
    if (!('error' in outcome)) return respond(response, 200, outcome)
    respond(response, outcome.error.code === 'refused' ? 409 : 400, outcome)
  }

  /** Undefined when it has been refused. */
  async #readJson(
    request: IncomingMessage,
    response: ServerResponse,
    mostBytes: number,
  ): Promise<{ readonly value: unknown } | undefined> {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      respond(response, 415, problem('not-json', 'send it as application/json'))
      return undefined
    }
    const text = await readBody(request, mostBytes)
    if (text === undefined) {
      respond(response, 413, problem('too-large', `at most ${mostBytes} bytes`), { Connection: 'close' })
      return undefined
    }
    try {
      return { value: JSON.parse(text) }
    } catch {
      respond(response, 400, problem('not-json', 'the body is not JSON'))
      return undefined
    }
  }

  async #obey(text: string, caller: Caller): Promise<Outcome> {
    try {
      return await this.#perform(JSON.parse(text), caller)
    } catch (error) {
      if (error instanceof SyntaxError) return problem('not-json', 'the command is not JSON')
      throw error
    }
  }

  /** Carries out a command. A `request` beside it is given back, to tell answers apart. */
  async #perform(json: unknown, caller: Caller): Promise<Outcome> {
    const { request, ...command } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
    const echo = request === undefined ? {} : { request }
    const parsed = commandSchema.safeParse(command)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const where = issue?.path.join('.')
      return { ...problem('invalid', `${where ? `${where}: ` : ''}${issue?.message}`), ...echo }
    }
    const foreign = caller.kind === 'local' ? undefined : this.#foreignLocation(parsed.data)
    if (foreign !== undefined) {
      const words = `${foreign} is in none of the music folders; other machines may play only what is, and addresses`
      return { ...problem('refused', words), ...echo }
    }
    try {
      return { result: await this.#parts.controls.command(parsed.data), ...echo }
    } catch (error) {
      if (error instanceof CommandProblem) return { ...problem('refused', error.message), ...echo }
      throw error
    }
  }

  /** A location in `command` that is not for other machines to open; undefined when there is none. */
  #foreignLocation(command: Command): string | undefined {
    const asked =
      command.command === 'addTracks'
        ? command.tracks.map(({ location }) => location)
        : command.command === 'announce' && command.location !== undefined
          ? [command.location]
          : []
    return asked.find((location) => !this.#parts.music.permits(location))
  }
}

/** Why `caller` may not; undefined when it may. */
function refusalOf(
  { isFor }: Route,
  { kind }: Caller,
): { readonly status: number; readonly body: Failure } | undefined {
  if (isFor === 'anyone' || kind === 'local' || (kind === 'paired' && isFor === undefined)) return undefined
  if (kind === 'stranger')
    return { status: 401, body: problem('not-paired', "pair first, with the code in the server's terminal") }
  return { status: 403, body: problem('forbidden', 'only the machine of the server itself may ask this') }
}

/** Sends the status, then again whenever it changes, readings and events as they come; takes commands. */
function follow(controls: Controls, webSocket: WebSocket, obey: (text: string) => Promise<Outcome>): void {
  let timer: NodeJS.Timeout | undefined
  let told = new Set<Reading>()
  const send = (message: object): void => {
    if (webSocket.bufferedAmount > mostUnreadBytes) webSocket.terminate()
    else webSocket.send(JSON.stringify(message), () => undefined) // a failure is followed by `close`
  }
  const sendStatus = (): void => {
    timer = undefined
    send({ type: 'status', status: controls.status() })
  }
  const sendReadings = (): void => {
    const latest = controls.readings()
    const readings = latest.filter((reading) => !told.has(reading))
    told = new Set(latest)
    if (readings.length > 0) send({ type: 'readings', readings })
  }
  const unsubscribe = controls.subscribe((event) => {
    if (event.type === 'changed') timer ??= setTimeout(sendStatus, statusDelayMs)
    else send({ type: 'event', event })
  })
  const readingsTimer = setInterval(sendReadings, readingsEveryMs)
  webSocket.on('message', (data: RawData) => {
    void obey(data.toString()).then((outcome) => send({ type: 'answer', ...outcome }))
  })
  webSocket.on('error', () => webSocket.terminate())
  webSocket.once('close', () => {
    clearTimeout(timer)
    clearInterval(readingsTimer)
    unsubscribe()
  })
  sendStatus()
  sendReadings()
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string }
}

type Outcome = ({ readonly result: CommandResult } | Failure) & { readonly request?: unknown }

function problem(code: string, message: string): Failure {
  return { error: { code, message } }
}

function respond(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const json = Buffer.from(JSON.stringify(body))
  send(response, status, 'application/json; charset=utf-8', json, { 'Cache-Control': 'no-store', ...headers })
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  bytes: Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(bytes)
}

/** Undefined when it is too large. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of request) {
      bytes += (part as Buffer).length
      if (bytes > mostBytes) return undefined
      parts.push(part as Buffer)
    }
  } catch {
    return '' // the client went away; nobody reads the answer
  }
  return Buffer.concat(parts).toString('utf8')
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
}
