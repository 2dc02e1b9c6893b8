/** One port for everything: players by WebSocket, the control API, and the page. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { hostname } from 'node:os'
import type { ServerUs } from '@tutti/clock'
import { listen, refuseUpgrade, type WsAcceptor } from '@tutti/protocol/node'
import type { ControlApi } from './control-api.js'
import type { PageFiles } from './page-files.js'
import { findRefusal } from './request-guard.js'

export interface HouseServerParts {
  readonly players: { readonly path: string; readonly acceptor: WsAcceptor<ServerUs> }
  /** Undefined for none. */
  readonly control: { readonly api: ControlApi; readonly page: PageFiles | undefined } | undefined
  readonly names: readonly string[]
  readonly onProblem: (problem: string) => void
}

/** RFC 6455, section 7.4.1: an endpoint is going away. */
const goingAway = 1001
/** A house of the most clients it remembers, pages, and some whose end nobody has noticed yet. */
const mostConnections = 1200

export class HouseServer {
  readonly #parts: HouseServerParts
  readonly #http: Server
  readonly #names: readonly string[]

  constructor(parts: HouseServerParts) {
    this.#parts = parts
    this.#names = ownNames(parts.names)
    this.#http = createServer((request, response) => this.#answer(request, response))
    this.#http.maxConnections = mostConnections
    this.#http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    )
  }

  /** Rejects with a message fit for a person when the port cannot be had; resolves to the port. */
  async listen(host: string, port: number): Promise<number> {
    await listen(this.#http, { host, port })
    this.#http.on('error', (error) => this.#parts.onProblem(`cannot accept a connection: ${error.message}`))
    return (this.#http.address() as AddressInfo).port
  }

  close(): Promise<void> {
    const { players, control } = this.#parts
    return new Promise((resolve) => {
      this.#http.close(() => resolve())
      this.#http.closeAllConnections()
      players.acceptor.close(goingAway, 'the server stops')
      control?.api.close()
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request)
    const { control, players } = this.#parts
    if (path === players.path || control === undefined) {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close' }).end('WebSocket only\n')
      return
    }
    const refusal = findRefusal(request.headers, this.#names, isNavigation(request, control.page, path))
    if (refusal !== undefined) {
      const body = JSON.stringify({ error: { code: 'forbidden', message: refusal } })
      response.writeHead(403, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' }).end(body)
    } else if (control.api.owns(path)) void control.api.handle(path, request, response)
    else if (control.page?.has(path) && /^(?:GET|HEAD)$/.test(request.method ?? '')) {
      control.page.send(path, request, response)
    } else response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n')
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const path = pathOf(request)
    const { control, players } = this.#parts
    if (path === players.path) players.acceptor.upgrade(request, socket, head)
    else if (control === undefined || !control.api.owns(path)) refuseUpgrade(socket, '404 Not Found')
    else if (findRefusal(request.headers, this.#names) !== undefined) refuseUpgrade(socket, '403 Forbidden')
    else control.api.upgrade(path, request, socket, head)
  }
}

/** What this machine is called in an address bar. */
export function ownNames(more: readonly string[]): readonly string[] {
  const short = hostname().split('.', 1)[0]!
  return [...more, hostname(), short, `${short}.local`]
}

/** Following a link to the page from anywhere is harmless: it may not be framed, and asks for everything itself. */
function isNavigation({ headers, method }: IncomingMessage, page: PageFiles | undefined, path: string): boolean {
  return method === 'GET' && page?.has(path) === true && headers['sec-fetch-mode'] === 'navigate'
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0]!
}
