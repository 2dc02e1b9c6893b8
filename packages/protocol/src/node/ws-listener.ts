/** Accepts WebSocket connections on one path. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { LocalUs, Reading } from '@tutti/clock'
import type { Attach } from '../transport.js'
import { WebSocketServer } from './ws.js'
import { acceptWebSocket, type WsOptions } from './ws-transport.js'

export interface AcceptOptions<Now extends Reading<string> = LocalUs> extends WsOptions<Now> {
  /** Whether to accept a request; look at its Host and Origin to keep foreign web pages out. */
  readonly permits?: (request: IncomingMessage) => boolean
}

export interface ListenOptions<Now extends Reading<string> = LocalUs> extends AcceptOptions<Now> {
  /** `0.0.0.0` for every IPv4 interface. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly path: string
  /** Sockets beyond this are closed at once. */
  readonly maxConnections: number
  /** Told when a connection could not be accepted; the listener goes on. */
  readonly onProblem?: (problem: string) => void
}

export interface WsListener {
  readonly port: number
  /** Ends every connection with `code` and frees the port; resolves when all is gone. */
  close(code: number, reason: string): Promise<void>
}

/** Recommended by the specification: the path for both, the ports of servers and of players. */
export const defaultPath = '/sendspin'
export const defaultServerPort = 8927
export const defaultPlayerPort = 8928

/** Accepts the connections that an HTTP server hands over, so that one port can serve other things besides. */
export class WsAcceptor<Now extends Reading<string> = LocalUs> {
  readonly #attach: (peer: { readonly address: string }) => Attach<Now>
  readonly #options: AcceptOptions<Now>
  readonly #webSockets: WebSocketServer
  readonly #transports = new Set<{ close(code: number, reason: string): void }>()

  constructor(attach: (peer: { readonly address: string }) => Attach<Now>, options: AcceptOptions<Now>) {
    this.#attach = attach
    this.#options = options
    const { maxFrameBytes } = options
    this.#webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxFrameBytes })
  }

  /** Takes over a request to upgrade, with the arguments of the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (this.#options.permits?.(request) === false) {
      refuseUpgrade(socket, '403 Forbidden')
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const attach = this.#attach({ address: addressOf(socket) })
      const transport = acceptWebSocket(webSocket, socket, attach, this.#options)
      this.#transports.add(transport)
      webSocket.once('close', () => this.#transports.delete(transport))
    })
  }

  /** Ends every connection with `code`. */
  close(code: number, reason: string): void {
    for (const transport of this.#transports) transport.close(code, reason)
  }
}

/** Rejects with a message fit for a person when the port cannot be had. */
export async function listenWebSocket<Now extends Reading<string> = LocalUs>(
  attach: (peer: { readonly address: string }) => Attach<Now>,
  options: ListenOptions<Now>,
): Promise<WsListener> {
  const http = createServer((_request, response) => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close' }).end('WebSocket only\n')
  })
  http.maxConnections = options.maxConnections
  const acceptor = new WsAcceptor(attach, options)
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (pathOf(request) === options.path) acceptor.upgrade(request, socket, head)
    else refuseUpgrade(socket, '404 Not Found')
  })
  await listen(http, options)
  http.on('error', (error) => options.onProblem?.(`cannot accept a connection: ${error.message}`))
  return {
    port: (http.address() as AddressInfo).port,
    close: (code, reason) =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
        acceptor.close(code, reason)
      }),
  }
}

/** Rejects with a message fit for a person when the port cannot be had. */
export function listen(http: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(cannotListen(error, where)))
    http.listen(where.port, where.host, resolve)
  })
}

/** Says no to a request to upgrade, and ends the connection. */
export function refuseUpgrade(socket: Socket, status: string): void {
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy()) // or it stays half open for as long as the peer likes
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function pathOf(request: IncomingMessage): string | undefined {
  return (request.url ?? '').split('?', 1)[0]
}

function addressOf(socket: Socket): string {
  return `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const where = `port ${port} on ${host}`
  if (error.code === 'EADDRINUSE') return new Error(`${where} is taken: stop the other program or choose another port`)
  if (error.code === 'EACCES') return new Error(`${where} needs more rights: choose a port above 1023`)
  if (error.code === 'EADDRNOTAVAIL') return new Error(`${where}: this machine has no such address`)
  return new Error(`${where}: ${error.message}`)
}
