/** The server's own interface for people and programs: JSON over HTTP and WebSocket, described in docs/control-api.md. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refuseUpgrade } from '@tutti/protocol/node'
import * as v from 'valibot'
import { type WebSocket, WebSocketServer } from 'ws'
import { telemetrySpans } from '../telemetry-history.js'
import { ArtworkCache } from './artwork-cache.js'
import { CommandDesk } from './command-desk.js'
import type { Controls } from './controls.js'
import { type Caller, clearedCookie, type Doorkeeper, tokenCookie } from './doorkeeper.js'
import { feedEvents } from './event-feed.js'
import { type Failure, failure, queryOf, readJson, respond, send } from './http-answer.js'
import { describeMetrics } from './metrics.js'
import type { MusicFolders } from './music-folders.js'

/** A queue of ten thousand tracks with long paths. */
const mostBodyBytes = 8 * 2 ** 20
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

const pairingRequest = v.object({
  code: v.pipe(v.string(), v.maxLength(20)),
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)), 'Browser'),
  /** For programs, which keep no cookies: the token in the answer instead, for `Authorization: Bearer`. */
  wantsToken: v.optional(v.boolean(), false),
})

export class ControlApi {
  readonly #parts: ControlApiParts
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostBodyBytes })
  readonly #callers = new Map<WebSocket, Caller>()
  readonly #artwork = new ArtworkCache()
  readonly #desk: CommandDesk
  readonly #routes: readonly Route[]

  constructor(parts: ControlApiParts) {
    this.#parts = parts
    const { controls, doorkeeper, music, version } = parts
    this.#desk = new CommandDesk(controls, music)
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
          if (view === undefined) respond(response, 404, failure('not-found', 'there is no such music folder'))
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
        respond(response, 404, failure('not-found', `there is no ${path}; see docs/control-api.md`))
      else respond(response, 405, failure('wrong-method', `use ${methods}`), { Allow: methods })
      return
    }
    const caller = this.#parts.doorkeeper.identify(request)
    const refusal = refusalOf(route, caller)
    if (refusal !== undefined) return respond(response, refusal.status, refusal.body)
    try {
      await route.answer(request, response, caller, route.path.exec(path)?.[1] ?? '')
    } catch (error) {
      if (!response.headersSent) respond(response, 500, failure('internal', 'the server has a bug; its log says more'))
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
      feedEvents(this.#parts.controls, webSocket, (text) => this.#desk.obey(text, caller))
    })
  }

  close(): void {
    for (const webSocket of this.#sockets.clients) webSocket.terminate()
  }

  async #pair(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = await readJson(request, response, mostPairingBytes)
    if (json === undefined) return
    const parsed = v.safeParse(pairingRequest, json.value)
    if (!parsed.success) return respond(response, 400, failure('invalid', 'a pairing needs a code and a name'))
    const { code, name, wantsToken } = parsed.output
    const pairing = this.#parts.doorkeeper.pair(code, name)
    if ('problem' in pairing) return respond(response, 403, failure('not-paired', pairing.problem))
    const { token, browser } = pairing
    if (wantsToken) return respond(response, 200, { browser, token })
    respond(response, 200, { browser }, { 'Set-Cookie': tokenCookie(token) })
  }

  #revoke(response: ServerResponse, caller: Caller, id: string): void {
    if (!this.#parts.doorkeeper.revoke(id)) {
      respond(response, 404, failure('not-found', 'no such browser is paired'))
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
      return respond(response, 400, failure('invalid', `span: one of ${telemetrySpans.join(', ')}`))
    respond(response, 200, { at: controls.status().at, rooms: controls.past(span) })
  }

  async #showArtwork(response: ServerResponse, id: string): Promise<void> {
    const entries = this.#parts.controls.status().groups.flatMap(({ queue }) => queue)
    const entry = entries.find((candidate) => candidate.id === id)
    if (entry === undefined) return respond(response, 404, failure('not-found', `there is no entry ${id}`))
    const picture = await this.#artwork.get(entry.location)
    // Most music has none: to a browser that is no error, and nothing for its console.
    if (picture === undefined) return void response.writeHead(204, { 'Cache-Control': 'no-store' }).end()
    const headers = {
      'Cache-Control': 'private, max-age=86400',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    }
    send(response, 200, picture.mimeType, Buffer.from(picture.bytes), headers)
  }

  async #carryOut(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const json = await readJson(request, response, mostBodyBytes)
    if (json === undefined) return
    const outcome = await this.#desk.carryOut(json.value, caller)
    if (!('error' in outcome)) return respond(response, 200, outcome)
    respond(response, outcome.error.code === 'refused' ? 409 : 400, outcome)
  }
}

/** Why `caller` may not; undefined when it may. */
function refusalOf(
  { isFor }: Route,
  { kind }: Caller,
): { readonly status: number; readonly body: Failure } | undefined {
  if (isFor === 'anyone' || kind === 'local' || (kind === 'paired' && isFor === undefined)) return undefined
  if (kind === 'stranger')
    return { status: 401, body: failure('not-paired', "pair first, with the code in the server's terminal") }
  return { status: 403, body: failure('forbidden', 'only the machine of the server itself may ask this') }
}
