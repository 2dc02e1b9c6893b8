/**
 * Multicast DNS on every network this machine is on. bonjour-service speaks on one interface only, the default route's,
 * so there is one instance for each; they come and go as interfaces do.
 */
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { type Clock, shift, type Timers } from '@tutti/clock'
import type * as bonjourService from 'bonjour-service'
import { type Ipv4Interface, ipv4Interfaces } from './network-interfaces.js'

export interface MulticastOptions {
  readonly clock: Clock
  /** Best ones that do not keep the process alive. */
  readonly timers: Timers
  /** Told once for each thing that does not work; discovery goes on with what does. */
  readonly onProblem: (problem: string) => void
  /** The machine's own unless a test says otherwise. */
  readonly interfaces?: () => readonly Ipv4Interface[]
  /** 5353 unless a test says otherwise. */
  readonly port?: number
}

type Bonjour = bonjourService.Bonjour

/** Loaded by who needs it: a room that is told an address does not, and it takes 3 MiB and 15 ms of a start. */
const require = createRequire(import.meta.url)

/** Node reports no interface changes, so they are looked for this often. */
const rescanUs = 5_000_000
const maxReports = 100

export class Multicast {
  readonly #options: MulticastOptions
  readonly #use: (bonjour: Bonjour) => void
  readonly #instances = new Map<string, Bonjour>()
  readonly #reported = new Set<string>()
  #cancelRescan: (() => void) | undefined

  /** `use` is called with an instance for each interface there is, and for each that appears later. */
  constructor(use: (bonjour: Bonjour) => void, options: MulticastOptions) {
    this.#use = use
    this.#options = options
    this.#rescan()
  }

  get interfaces(): readonly Ipv4Interface[] {
    return (this.#options.interfaces ?? ipv4Interfaces)()
  }

  get instances(): Iterable<Bonjour> {
    return this.#instances.values()
  }

  /** Says goodbye for whatever was advertised and frees the sockets. */
  async close(): Promise<void> {
    this.#cancelRescan?.()
    const instances = [...this.#instances.values()]
    this.#instances.clear()
    await Promise.all(instances.map(end))
  }

  #rescan(): void {
    const addresses = new Set(this.interfaces.map(({ address }) => address))
    for (const [address, bonjour] of this.#instances) {
      if (addresses.has(address)) continue
      this.#instances.delete(address)
      void end(bonjour)
    }
    for (const address of addresses) {
      if (!this.#instances.has(address)) this.#open(address)
    }
    const { clock, timers } = this.#options
    this.#cancelRescan = timers.wakeAt(shift(clock.now(), rescanUs), () => this.#rescan())
  }

  #open(address: string): void {
    const fail = (error: Error): void => {
      if (this.#instances.get(address) === bonjour) {
        this.#instances.delete(address) // the next rescan tries again
        void end(bonjour)
      }
      this.#report(address, error)
    }
    const { Bonjour } = require('bonjour-service') as typeof bonjourService
    // options of multicast-dns, handed through but not in bonjour-service's types
    const bonjour = new Bonjour(
      { interface: address, bind: '0.0.0.0', port: this.#options.port ?? 5353 } as object,
      fail,
    )
    this.#instances.set(address, bonjour)
    socketOf(bonjour).on('error', fail) // without a listener a taken port would end the process
    socketOf(bonjour).on('warning', (warning: NodeJS.ErrnoException) => {
      if (warning.syscall !== undefined) this.#report(address, warning) // the others are packets that make no sense
    })
    this.#use(bonjour)
  }

  #report(address: string, { message }: Error): void {
    const problem = `no discovery on ${address}: ${message}; peers there must be given by address`
    if (this.#reported.has(problem) || this.#reported.size >= maxReports) return
    this.#reported.add(problem)
    this.#options.onProblem(problem)
  }
}

/** bonjour-service offers no way to hear of socket errors but its private field. */
function socketOf(bonjour: Bonjour): EventEmitter {
  return (bonjour as unknown as { readonly server: { readonly mdns: EventEmitter } }).server.mdns
}

function end(bonjour: Bonjour): Promise<void> {
  return new Promise((resolve) => {
    bonjour.unpublishAll(() => {
      try {
        bonjour.destroy(() => resolve())
      } catch {
        resolve() // a socket that never came to life cannot be closed
      }
    })
  })
}
