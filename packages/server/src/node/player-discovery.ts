/** Lets players of the network find this server, and dials those that announce themselves (mDNS). */
import type { Clock, LocalUs, Timers } from '@tutti/clock'
import { advertise, Discovery, MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type { Dialer } from './dialer.js'

export interface PlayerDiscoveryOptions {
  readonly server: { readonly id: string; readonly name: string; readonly port: number; readonly path: string }
  readonly dialer: Dialer
  /** One line, for people. */
  readonly onProblem: (problem: string) => void
}

export class PlayerDiscovery {
  readonly #parts: readonly { close(): Promise<void> }[]

  constructor({ server, dialer, onProblem }: PlayerDiscoveryOptions) {
    const clock = new MonotonicClock<LocalUs>()
    const timers: Timers<LocalUs> = new MonotonicTimers(clock as Clock<LocalUs>, { keepsProcessAlive: false })
    const multicast = { clock, timers, onProblem }
    const listener = {
      found: (service: { id: string; url: string }) => dialer.found(service.id, service.url),
      lost: (id: string) => dialer.lost(id),
    }
    this.#parts = [advertise({ kind: 'server', ...server }, multicast), new Discovery('player', listener, multicast)]
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()))
  }
}
