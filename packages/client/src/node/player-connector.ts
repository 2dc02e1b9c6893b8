/**
 * How a player and a server come together: it dials an address, dials whatever server it finds, or lets servers find and
 * dial it. Never two of these at once (Sendspin, "Establishing a Connection").
 */
import type { Clock, Timers } from '@tutti/clock'
import type { Attach } from '@tutti/protocol'
import { advertise, Discovery, defaultPath, type FoundService, listenWebSocket } from '@tutti/protocol/node'
import { Dials } from './dials.js'
import { playerWsOptions } from './player-websocket.js'

export type ConnectionSpec =
  /** `ws://host:port/path` */
  | { readonly kind: 'dial'; readonly url: string }
  /** Any server that advertises itself; the one that last played here when there are several. */
  | { readonly kind: 'discover' }
  /** Port 0 is any free one. */
  | { readonly kind: 'listen'; readonly port: number; readonly path: string; readonly advertised: boolean }

export interface Connector {
  /** Tries to connect once more; the outcome arrives through `attach`. Does nothing where servers dial. */
  dial(): void
  /** Gives up every try that has not succeeded. */
  stopDialling(): void
  /** The port servers dial; undefined where none do. */
  readonly port: number | undefined
  close(): Promise<void>
}

export interface ConnectorParts {
  readonly clock: Clock
  readonly timers: Timers
  /** For chores that must not keep the process alive. */
  readonly choreTimers: Timers
  readonly attach: Attach
  readonly clientId: string
  readonly name: string
  /** The server that last played here. */
  readonly preferredServer: () => string | undefined
  readonly onProblem: (problem: string) => void
}

/** Servers that may be connected at once; one is admitted, the others are sent away as soon as they say hello. */
const maxServers = 8

/** Rejects with a message fit for a person when the port to listen on cannot be had. */
export async function openConnector(spec: ConnectionSpec, parts: ConnectorParts): Promise<Connector> {
  switch (spec.kind) {
    case 'dial':
      return dialer(spec.url, parts)
    case 'discover':
      return new Seeker(parts)
    case 'listen':
      return await listener(spec, parts)
  }
}

function dialer(url: string, { attach, clock, timers }: ConnectorParts): Connector {
  const dials = new Dials(attach, playerWsOptions(clock, timers))
  return {
    port: undefined,
    dial: () => dials.dial(url),
    stopDialling: () => dials.stop(),
    close: async () => dials.close(),
  }
}

class Seeker implements Connector {
  readonly port = undefined
  readonly #parts: ConnectorParts
  readonly #found = new Map<string, FoundService>()
  readonly #discovery: Discovery
  readonly #dials: Dials
  #wanted = false

  constructor(parts: ConnectorParts) {
    this.#parts = parts
    const { attach, clock, timers, choreTimers, onProblem } = parts
    this.#dials = new Dials(attach, playerWsOptions(clock, timers))
    this.#discovery = new Discovery(
      'server',
      {
        found: (service) => {
          this.#found.set(service.id, service)
          if (this.#wanted) this.dial()
        },
        lost: (id) => this.#found.delete(id),
      },
      { clock, timers: choreTimers, onProblem },
    )
  }

  /** Waits when there is no server yet. */
  dial(): void {
    const service = this.#found.get(this.#parts.preferredServer() ?? '') ?? this.#found.values().next().value
    this.#wanted = service === undefined
    if (service) this.#dials.dial(service.url)
  }

  stopDialling(): void {
    this.#wanted = false
    this.#dials.stop()
  }

  async close(): Promise<void> {
    this.#wanted = false
    this.#dials.close()
    await this.#discovery.close()
  }
}

async function listener(
  { port, path, advertised }: Extract<ConnectionSpec, { kind: 'listen' }>,
  { attach, clock, timers, choreTimers, clientId, name, onProblem }: ConnectorParts,
): Promise<Connector> {
  const listening = await listenWebSocket(() => attach, {
    ...playerWsOptions(clock, timers),
    host: '0.0.0.0',
    port,
    path: path || defaultPath,
    maxConnections: maxServers,
    // Servers are programs: a request that comes from a web page names the page it comes from.
    permits: (request) => request.headers.origin === undefined,
    onProblem,
  })
  const what = { kind: 'player', id: clientId, name, port: listening.port, path: path || defaultPath } as const
  const advertisement = advertised ? advertise(what, { clock, timers: choreTimers, onProblem }) : undefined
  return {
    port: listening.port,
    dial: () => {},
    stopDialling: () => {},
    close: async () => {
      await advertisement?.close()
      await listening.close(1001, 'the player is closing')
    },
  }
}
