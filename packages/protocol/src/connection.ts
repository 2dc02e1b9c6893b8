/** A transport with a codec and a gatekeeper: what a session's adapter deals with, on either side. */
import type { Clock, LocalUs, Reading, Timers } from '@tutti/clock'
import { Gatekeeper, type Limits, type Refusal } from './gatekeeper.js'
import type { Message } from './message.js'
import type { Attach, Ending, Transport } from './transport.js'
import { type ClosingCode, conducts } from './violation.js'
import type { WireCodec, WireItem } from './wire-codec.js'

export interface Connection<Out extends Message> {
  /** False when it was not taken: closed, or the peer is too far behind; see `Transport.send`. */
  send(item: WireItem<Out>): boolean
  /** Ends the connection because of what the peer did, with the code and reason of `conducts`. */
  refuse(code: ClosingCode): void
  /** For batches, for frames encoded once for many peers, and for a close that is nobody's fault. */
  readonly transport: Transport
}

/** Told what happens to a connection, in this order. */
export interface ConnectionListener<In extends Message, Now extends Reading<string> = LocalUs> {
  opened?(): void
  received(item: WireItem<In>, at: Now): void
  /** Something did not come through; if its action is `close`, `closed` follows. At most one line of log each. */
  refused(refusal: Refusal): void
  closed(ending: Ending): void
}

export interface ConnectionRules<In extends Message, Out extends Message, Now extends Reading<string> = LocalUs> {
  readonly codec: WireCodec<In, Out>
  /** Who the peer is. */
  readonly from: 'client' | 'server'
  readonly limits: Limits
  readonly clock: Clock<Now>
  readonly timers: Timers<Now>
}

/** For `connectWebSocket`, `listenWebSocket` and `pairTransports`; `open` is called once for each connection. */
export function guardConnection<In extends Message, Out extends Message, Now extends Reading<string> = LocalUs>(
  open: (connection: Connection<Out>) => ConnectionListener<In, Now>,
  { codec, from, limits, clock, timers }: ConnectionRules<In, Out, Now>,
): Attach<Now> {
  return (transport) => {
    let gatekeeper: Gatekeeper<In, Now> | undefined
    let cancelHelloWait: (() => void) | undefined

    const refuse = (code: ClosingCode): void => transport.close(conducts[code].closeCode, conducts[code].reason)
    const listener = open({ send: (item) => transport.send(codec.encode(item)), refuse, transport })
    const refused = (refusal: Refusal): void => {
      listener.refused(refusal)
      const { closeCode, reason } = refusal.conduct
      if (closeCode !== undefined) transport.close(closeCode, reason)
    }

    return {
      opened() {
        const keeper = new Gatekeeper<In, Now>(codec, from, limits, clock.now())
        gatekeeper = keeper
        cancelHelloWait = timers.wakeAt(keeper.helloDueAt, () => {
          const refusal = keeper.overdue(clock.now())
          if (refusal !== undefined) refused(refusal)
        })
        listener.opened?.()
      },
      received(frame, at) {
        const item = gatekeeper?.admit(frame, at)
        if (item === undefined) return
        if (item.kind === 'violation') refused(item)
        else listener.received(item, at)
      },
      closed(ending) {
        cancelHelloWait?.()
        listener.closed(ending)
      },
    }
  }
}
