/** Accepts WebSocket connections on one path. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { LocalUs, Reading } from '@tutti/clock'
import { WebSocketServer } from 'ws'
import type { Attach } from '../transport.js'
import { acceptWebSocket, type WsOptions } from './ws-transport.js'

export interface ListenOptions<Now extends Reading<string> = LocalUs> extends WsOptions<Now> {
  /** `0.0.0.0` for every IPv4 interface. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly path: string
  /** Sockets beyond this are closed at once. */
  readonly maxConnections: number
  /** Whether to accept a request; look at its Host and Origin to keep foreign web pages out. */
  readonly permits?: (request: IncomingMessage) => boolean
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

/** Rejects with a message fit for a person when the port cannot be had. */
export async function listenWebSocket<Now extends Reading<string> = LocalUs>(
  attach: (peer: { readonly address: string }) => Attach<Now>,
  options: ListenOptions<Now>,
): Promise<WsListener> {
  const http = createServer((_request, response) => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close' }).end('WebSocket only\n')
  })
  http.maxConnections = options.maxConnections
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
  })
  const transports = new Set<{ close(code: number, reason: string): void }>()

  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const status = refusal(request, options)
    if (status !== undefined) {
      socket.once('finish', () => socket.destroy()) // or it stays half open for as long as the peer likes
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = acceptWebSocket(webSocket, socket, attach({ address: addressOf(socket) }), options)
      transports.add(transport)
      webSocket.once('close', () => transports.delete(transport))
    })
  })

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => reject(cannotListen(error, options)))
    http.listen(options.port, options.host, resolve)
  })
  http.on('error', (error) => options.onProblem?.(`cannot accept a connection: ${error.message}`))
  return {
    port: (http.address() as AddressInfo).port,
    close: (code, reason) =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
        for (const transport of transports) transport.close(code, reason)
      }),
  }
}

function refusal(request: IncomingMessage, { path, permits }: { path: string; permits?: ListenOptions['permits'] }) {
  const asked = (request.url ?? '').split('?', 1)[0]
  if (asked !== path) return '404 Not Found'
  return permits?.(request) === false ? '403 Forbidden' : undefined
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
