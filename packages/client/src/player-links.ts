/**
 * Connections of a player, over whatever transport: numbers them, hands on what comes over them, and sends what the player
 * says. The last step before the world: it reads the clock, so that a probe is stamped as late as possible.
 */
import type { Clock, LocalUs, Timers } from '@tutti/clock'
import {
  type Attach,
  CleartextCodec,
  type Connection,
  type ConnectionListener,
  channelSchemas,
  guardConnection,
  limitsForServers,
  serverSchemas,
} from '@tutti/protocol'
import type { HeardMessage, PlayerInput, SaidMessage } from './player-ports.js'
import type { Link } from './session-links.js'

type Input<Type extends PlayerInput<Uint8Array, never>['type']> = Extract<
  PlayerInput<Uint8Array, never>,
  { readonly type: Type }
>
/** What comes from a connection; at its end, also the code it was closed with. */
export type LinkInput =
  | Input<'opened' | 'message' | 'audio'>
  | (Input<'disconnected'> & {
      /** RFC 6455, section 7.4, and those of `conductFor`. */
      readonly code: number
    })

export class PlayerLinks {
  /** For whoever makes the connections. */
  readonly attach: Attach
  readonly #clock: Clock
  readonly #feed: (input: LinkInput, at: LocalUs) => void
  readonly #onProblem: (problem: string) => void
  readonly #connections = new Map<Link, Connection<SaidMessage>>()
  #latest: Link = 0

  constructor(
    { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
    feed: (input: LinkInput, at: LocalUs) => void,
    onProblem: (problem: string) => void,
  ) {
    this.#clock = clock
    this.#feed = feed
    this.#onProblem = onProblem
    const codec = new CleartextCodec<HeardMessage, SaidMessage>(
      { ...serverSchemas, ...channelSchemas },
      { acceptsMedia: true },
    )
    const rules = { codec, from: 'server', limits: limitsForServers, clock, timers } as const
    this.attach = guardConnection((connection) => this.#listen(connection), rules)
  }

  /** Connections that are open. */
  get count(): number {
    return this.#connections.size
  }

  /** False when it was not taken: the connection is gone or hopelessly behind. */
  send(link: Link, message: SaidMessage): boolean {
    return this.#connections.get(link)?.send({ kind: 'message', message }) ?? false
  }

  /** Sends a probe stamped as late as possible; its stamp, or undefined when it was not taken. */
  probe(link: Link): LocalUs | undefined {
    const at = Math.round(this.#clock.now()) as LocalUs
    return this.send(link, { type: 'client/time', payload: { client_transmitted: at } }) ? at : undefined
  }

  hangUp(link: Link, reason: string): void {
    this.#connections.get(link)?.transport.close(1000, reason)
  }

  #listen(connection: Connection<SaidMessage>): ConnectionListener<HeardMessage> {
    const link = ++this.#latest
    return {
      opened: () => {
        this.#connections.set(link, connection)
        this.#feed({ type: 'opened', link }, this.#clock.now())
      },
      received: (item, at) => {
        if (item.kind === 'audio') this.#feed({ type: 'audio', link, chunk: item.chunk }, at)
        else if (item.kind === 'message') this.#feed({ type: 'message', link, message: item.message }, at)
      },
      refused: ({ conduct, code, detail }) => {
        if (conduct.action === 'close') this.#onProblem(`closed a connection: ${conduct.reason} (${code}: ${detail})`)
      },
      closed: ({ reason, code }) => {
        const opened = this.#connections.delete(link)
        const why = reason === '' ? `code ${code}` : reason
        this.#feed({ type: 'disconnected', link: opened ? link : undefined, reason: why, code }, this.#clock.now())
      },
    }
  }
}
