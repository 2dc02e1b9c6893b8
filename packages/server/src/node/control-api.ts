/** The server's own interface for people and programs: JSON over HTTP and WebSocket, described in docs/control-api.md. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { hostname } from 'node:os'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { type Command, commandSchema } from '../command.js'
import type { ServerEvent } from '../event.js'
import type { CommandResult } from '../output.js'
import type { ServerStatus } from '../status.js'
import { findRefusal } from './request-guard.js'

/** What the interface operates. */
export interface Controls {
  status(): ServerStatus
  /** Rejects with a CommandProblem when it cannot be done. */
  command(command: Command): Promise<CommandResult>
  /** The result ends the subscription. */
  subscribe(listener: (event: ServerEvent) => void): () => void
}

/** A command that makes sense but cannot be carried out, with the reason for people. */
export class CommandProblem extends Error {
  override readonly name = 'CommandProblem'
}

export interface ControlOptions {
  /** `127.0.0.1` keeps it on this machine; there is no password. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Names of this machine beyond its own, as an address bar would show them. */
  readonly names: readonly string[]
}

export interface ControlApi {
  readonly port: number
  close(): Promise<void>
}

export const defaultControlPort = 8929

/** A queue of ten thousand tracks with long paths. */
const mostBodyBytes = 8 * 2 ** 20
const mostConnections = 128
/** A subscriber that leaves so much unread is gone or asleep. */
const mostUnreadBytes = 4 * 2 ** 20
/** Changes that come together are told together. */
const statusDelayMs = 50

/** Rejects with a message fit for a person when the port cannot be had. */
export async function serveControlApi(controls: Controls, options: ControlOptions): Promise<ControlApi> {
  const names = [...options.names, hostname(), `${hostname().split('.', 1)[0]}.local`]
  const server = createServer((request, response) => {
    void answer(controls, request, response, findRefusal(request.headers, names))
  })
  server.maxConnections = mostConnections
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostBodyBytes })

  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const isForbidden = findRefusal(request.headers, names) !== undefined
    if (isForbidden || pathOf(request) !== '/api/events') {
      socket.once('finish', () => socket.destroy())
      socket.end(
        `HTTP/1.1 ${isForbidden ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => follow(controls, webSocket))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const webSocket of sockets.clients) webSocket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: string | undefined,
): Promise<void> {
  try {
    const path = pathOf(request)
    if (refusal !== undefined) return respond(response, 403, problem('forbidden', refusal))
    if (path === '/api/status') {
      if (request.method !== 'GET') return respond(response, 405, problem('wrong-method', 'use GET'), { Allow: 'GET' })
      return respond(response, 200, controls.status())
    }
    if (path === '/api/commands') {
      if (request.method !== 'POST')
        return respond(response, 405, problem('wrong-method', 'use POST'), { Allow: 'POST' })
      return await carryOut(controls, request, response)
    }
    respond(response, 404, problem('not-found', `there is no ${path}; see docs/control-api.md`))
  } catch (error) {
    if (!response.headersSent) respond(response, 500, problem('internal', 'the server has a bug; its log says more'))
    throw error
  }
}

async function carryOut(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return respond(response, 415, problem('not-json', 'send the command as application/json'))
  }
  const text = await readBody(request)
  if (text === undefined) {
    const words = `a command has at most ${mostBodyBytes} bytes`
    return respond(response, 413, problem('too-large', words), { Connection: 'close' })
  }
  const outcome = await obey(controls, text)
  if (!('error' in outcome)) return respond(response, 200, outcome)
  respond(response, outcome.error.code === 'refused' ? 409 : 400, outcome)
}

/** Sends the status, then again whenever it changes, and events as they happen; takes commands. */
function follow(controls: Controls, webSocket: WebSocket): void {
  let timer: NodeJS.Timeout | undefined
  const send = (message: object): void => {
    if (webSocket.bufferedAmount > mostUnreadBytes) webSocket.terminate()
    else webSocket.send(JSON.stringify(message), () => undefined) // a failure is followed by `close`
  }
  const sendStatus = (): void => {
    timer = undefined
    send({ type: 'status', status: controls.status() })
  }
  const unsubscribe = controls.subscribe((event) => {
    if (event.type === 'changed') timer ??= setTimeout(sendStatus, statusDelayMs)
    else send({ type: 'event', event })
  })
  webSocket.on('message', (data: RawData) => {
    void obey(controls, data.toString()).then((outcome) => send({ type: 'answer', ...outcome }))
  })
  webSocket.on('error', () => webSocket.terminate())
  webSocket.once('close', () => {
    clearTimeout(timer)
    unsubscribe()
  })
  sendStatus()
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string }
}

type Outcome = ({ readonly result: CommandResult } | Failure) & { readonly request?: unknown }

/** Carries out the command in `text`. A `request` beside it is given back, to tell answers apart. */
async function obey(controls: Controls, text: string): Promise<Outcome> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return problem('not-json', 'the command is not JSON')
  }
  const { request, ...command } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const echo = request === undefined ? {} : { request }
  const parsed = commandSchema.safeParse(command)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.')
    return { ...problem('invalid', `${where ? `${where}: ` : ''}${issue?.message}`), ...echo }
  }
  try {
    return { result: await controls.command(parsed.data), ...echo }
  } catch (error) {
    if (error instanceof CommandProblem) return { ...problem('refused', error.message), ...echo }
    throw error
  }
}

function problem(code: string, message: string): Failure {
  return { error: { code, message } }
}

function respond(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(text)
}

/** Undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of request) {
      bytes += (part as Buffer).length
      if (bytes > mostBodyBytes) return undefined
      parts.push(part as Buffer)
    }
  } catch {
    return '' // the client went away; nobody reads the answer
  }
  return Buffer.concat(parts).toString('utf8')
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0]!
}

function cannotListen({ code, message }: NodeJS.ErrnoException, { host, port }: ControlOptions): Error {
  const reason = code === 'EADDRINUSE' ? 'is taken: stop the other program or choose another port' : message
  return new Error(`control port ${port} on ${host}: ${reason}`)
}
