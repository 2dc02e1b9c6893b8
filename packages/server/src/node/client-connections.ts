/** The sockets of all clients: how each meets the coordinator, and what waits to be sent to it. */
import type { IncomingMessage } from 'node:http'
import type { Clock, ServerUs, Timers } from '@tutti/clock'
import {
  type Attach,
  CleartextCodec,
  type ClientMessage,
  clientSchemas,
  guardConnection,
  limitsForClients,
  type Message,
  type MessageSchemas,
  type Refusal,
  telemetrySchemas,
} from '@tutti/protocol'
import { connectWebSocket, defaultHeartbeatUs, WsAcceptor } from '@tutti/protocol/node'
import type { ConnectionId, Input } from '../input.js'
import type { Output, SaidMessage } from '../output.js'
import { ClientOutbox } from './client-outbox.js'
import { Turns } from './turns.js'

/** What a client did, as the coordinator is told it. */
type ClientInput = Extract<
  Input<never, never>,
  { type: 'connected' | 'message' | 'appMessage' | 'disconnected' | 'congestion' }
>
/** What the coordinator wants a client to get. */
export type ClientOutput = Extract<
  Output<Uint8Array>,
  { type: 'send' | 'sendTime' | 'sendAudio' | 'dropAudio' | 'close' }
>

export interface ClientConnectionsOptions {
  readonly clock: Clock<ServerUs>
  readonly timers: Timers<ServerUs>
  /** What clients may say beyond the protocol (`client/_name…`). */
  readonly appMessages: MessageSchemas<Message>
  readonly tell: (input: ClientInput, at: ServerUs) => void
  /** One line, for people. */
  readonly onProblem: (problem: string) => void
}

/** Beyond what a connection holds back by itself: messages to a peer that reads nothing. */
const maxBufferedBytes = 2 ** 20
/** RFC 6455, section 7.4.1: an endpoint is going away. */
const goingAway = 1001
const goodbye = 'the server stops'

export class ClientConnections {
  readonly #options: ClientConnectionsOptions
  readonly #turns: Turns
  readonly #open = new Map<ConnectionId, { readonly outbox: ClientOutbox; mayRedial: boolean }>()
  #lastId = 0

  constructor(options: ClientConnectionsOptions) {
    this.#options = options
    this.#turns = new Turns(options.clock)
  }

  /** What takes the sockets of clients that dial us, where `permits` lets them. */
  acceptor(permits: (request: IncomingMessage) => boolean): WsAcceptor<ServerUs> {
    const attach = this.#attach(() => undefined)
    return new WsAcceptor(() => attach, { ...this.#socketOptions(), permits })
  }

  /** Dials a client; `ended` is told whether it may be dialled again. */
  connect(url: string, ended: (mayRedial: boolean) => void): { close(): void } {
    const transport = connectWebSocket(url, this.#attach(ended), this.#socketOptions())
    return { close: () => transport.close(goingAway, goodbye) }
  }

  perform(output: ClientOutput): void {
    const entry = this.#open.get(output.connection)
    if (entry === undefined) return
    const { outbox } = entry
    switch (output.type) {
      case 'send':
        outbox.send(output.message)
        break
      case 'sendTime':
        outbox.sendTime(output.clientTransmitted, output.serverReceived)
        break
      case 'sendAudio':
        outbox.sendAudio(output.chunks)
        break
      case 'dropAudio':
        outbox.dropAudio()
        break
      case 'close':
        entry.mayRedial = output.mayRedial
        outbox.close(output.closeCode, output.reason)
        break
    }
  }

  /** Says goodbye to everyone. */
  close(): void {
    for (const { outbox } of this.#open.values()) outbox.close(goingAway, goodbye)
  }

  #attach(ended: (mayRedial: boolean) => void): Attach<ServerUs> {
    const { appMessages, clock, timers, tell } = this.#options
    const schemas = { ...appMessages, ...telemetrySchemas, ...clientSchemas } as MessageSchemas<ClientMessage>
    const codec = new CleartextCodec<ClientMessage, SaidMessage>(schemas, { acceptsMedia: false })
    const rules = { codec, from: 'client', limits: limitsForClients, clock, timers } as const
    const parts = { clock, timers, turns: this.#turns }
    return guardConnection<ClientMessage, SaidMessage, ServerUs>((connection) => {
      const id = ++this.#lastId
      const outbox = new ClientOutbox(connection, parts, (isCongested) => {
        tell({ type: 'congestion', connection: id, isCongested }, clock.now())
      })
      this.#open.set(id, { outbox, mayRedial: true })
      return {
        opened: () => tell({ type: 'connected', connection: id }, clock.now()),
        received: (item, at) => {
          if (item.kind === 'message') this.#receive(id, item.message, at)
        },
        refused: (refusal) => this.#reportRefusal(refusal),
        closed: () => {
          const mayRedial = this.#open.get(id)?.mayRedial ?? true
          this.#open.delete(id)
          outbox.dropAudio()
          tell({ type: 'disconnected', connection: id }, clock.now())
          ended(mayRedial)
        },
      }
    }, rules)
  }

  #receive(connection: ConnectionId, message: ClientMessage, at: ServerUs): void {
    const type = Object.hasOwn(clientSchemas, message.type) ? 'message' : 'appMessage'
    this.#options.tell({ type, connection, message }, at)
  }

  #reportRefusal({ code, detail, conduct }: Refusal): void {
    if (conduct.action !== 'ignore') this.#options.onProblem(`a client broke the protocol (${code}): ${detail}`)
  }

  #socketOptions() {
    const { clock, timers } = this.#options
    return {
      clock,
      timers,
      maxFrameBytes: 3 * limitsForClients.textLength, // UTF-8 needs up to three bytes for a UTF-16 unit
      maxBufferedBytes,
      heartbeatUs: defaultHeartbeatUs,
    }
  }
}
