/**
 * `ws` as it is: CommonJS. Imported as modules its files would each go through Node's parser in WebAssembly first, to find
 * out their names: 5 MiB and 30 ms of every start.
 */
import { createRequire } from 'node:module'
import type * as ws from 'ws'

export const { WebSocket, WebSocketServer } = createRequire(import.meta.url)('ws') as typeof ws
export type WebSocket = ws.WebSocket
export type WebSocketServer = ws.WebSocketServer
