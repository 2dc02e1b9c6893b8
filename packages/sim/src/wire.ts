/** What travels between a room and the server in a simulation: handshakes, messages as they are, audio in batches. */
import type { AudioChunk, ClientMessage } from '@tutti/protocol'
import type { SaidMessage } from '@tutti/server'
import type { SimPayload } from './sim-codec.js'

/** One attempt to connect, and the connection that comes of it; numbers never repeat in a room. */
export type SessionId = number

/** From a room to the server. */
export type Up =
  /** TCP's handshake and then the upgrade to WebSocket take a round trip each. */
  | { readonly kind: 'dial'; readonly session: SessionId; readonly round: 1 | 2 }
  | { readonly kind: 'message'; readonly session: SessionId; readonly message: ClientMessage }
  | { readonly kind: 'closed'; readonly session: SessionId }

/** From the server to a room. */
export type Down =
  | { readonly kind: 'accepted'; readonly session: SessionId; readonly round: 1 | 2 }
  | { readonly kind: 'message'; readonly session: SessionId; readonly message: SaidMessage }
  | { readonly kind: 'audio'; readonly session: SessionId; readonly chunks: readonly AudioChunk<SimPayload>[] }
  /** Nobody listens, or the server has closed the connection, or has died and its kernel says so. */
  | { readonly kind: 'closed'; readonly session: SessionId }

/** TCP and IP headers, and the frame header of a WebSocket. */
const framingBytes = 60
const audioHeaderBytes = 9
/** Of a message as JSON without its numbers; hellos and metadata are larger, and too rare to matter. */
const messageBytes = 150

export function bytesOf(item: Up | Down): number {
  switch (item.kind) {
    case 'message':
      return framingBytes + messageBytes
    case 'audio': {
      let bytes = framingBytes
      for (const { payload } of item.chunks) bytes += audioHeaderBytes + payload.bytes
      return bytes
    }
    default:
      return framingBytes
  }
}
