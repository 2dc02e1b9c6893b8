/**
 * Finding each other: players advertise `_sendspin._tcp` for servers to dial, servers `_sendspin-server._tcp` for
 * players that prefer to dial (Sendspin, "Establishing a Connection"). It is a convenience and never needed: an address
 * given by hand works without.
 */
import { shift } from '@tutti/clock'
import type { Bonjour, Browser, Service } from 'bonjour-service'
import { Multicast, type MulticastOptions } from './multicast.js'
import { reachableAddress } from './network-interfaces.js'
import { defaultPath } from './ws-listener.js'

const serviceTypes = { player: 'sendspin', server: 'sendspin-server' } as const
export type ServiceKind = keyof typeof serviceTypes

export interface Advertisement {
  readonly kind: ServiceKind
  /** Unlike any other in the network; the client's or server's id does. */
  readonly id: string
  /** For people, until the hello says it. */
  readonly name: string
  readonly port: number
  readonly path: string
}

/** Says that we are here until closed, which says that we are gone. */
export function advertise(what: Advertisement, options: MulticastOptions): { close(): Promise<void> } {
  const publish = (bonjour: Bonjour): void => {
    bonjour.publish({
      name: utf8Prefix(what.id, 63), // one label of a domain name (RFC 1035, section 2.3.4)
      type: serviceTypes[what.kind],
      port: what.port,
      host: hostFor(what.id),
      txt: { path: what.path, name: utf8Prefix(what.name, 200) }, // a TXT string holds 255 bytes with its key
      probe: false, // our own instances on other interfaces would answer the probe
    })
  }
  return new Multicast(publish, options)
}

/** A name of our own: half the players of a house are called `raspberrypi`, and a name shared mixes up addresses. */
function hostFor(id: string): string {
  const label = id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `tutti-${label.slice(0, 50)}.local`
}

export interface FoundService {
  /** Unlike any other of its kind in the network. */
  readonly id: string
  readonly name: string
  /** `ws://address:port/path`. */
  readonly url: string
}

export interface DiscoveryListener {
  /** New, or its name or address has changed. */
  found(service: FoundService): void
  /** Said goodbye, or has not answered for some minutes. */
  lost(id: string): void
}

/** Multicast over Wi-Fi loses packets, so we ask again soon, then now and then. */
const sweepGapsUs = [1_000_000, 3_000_000, 10_000_000, 60_000_000] as const
/** Sweeps without an answer after which a service is lost. */
const missesAllowed = 3
/** Anyone in the network can make up services; a house has dozens. */
const maxServices = 512

/** Looks for services of one kind until closed. */
export class Discovery {
  readonly #kind: ServiceKind
  readonly #listener: DiscoveryListener
  readonly #options: MulticastOptions
  readonly #multicast: Multicast
  readonly #known = new Map<string, { service: FoundService; sweep: number }>()
  #browsers: Browser[] = []
  #sweep = 0
  #cancelSweep: (() => void) | undefined

  constructor(kind: ServiceKind, listener: DiscoveryListener, options: MulticastOptions) {
    this.#kind = kind
    this.#listener = listener
    this.#options = options
    this.#multicast = new Multicast((bonjour) => this.#ask(bonjour), options)
    this.#scheduleSweep()
  }

  async close(): Promise<void> {
    this.#cancelSweep?.()
    for (const browser of this.#browsers) browser.stop()
    await this.#multicast.close()
  }

  /** A fresh browser forgets what it heard, so that it also tells of a known service whose address has changed. */
  #sweepAll(): void {
    this.#sweep += 1
    for (const browser of this.#browsers) browser.stop()
    this.#browsers = []
    for (const bonjour of this.#multicast.instances) this.#ask(bonjour)
    for (const [id, { sweep }] of this.#known) {
      if (this.#sweep - sweep > missesAllowed) this.#lose(id)
    }
    this.#scheduleSweep()
  }

  #scheduleSweep(): void {
    const gapUs = sweepGapsUs[Math.min(this.#sweep, sweepGapsUs.length - 1)] as number
    const { clock, timers } = this.#options
    this.#cancelSweep = timers.wakeAt(shift(clock.now(), gapUs), () => this.#sweepAll())
  }

  #ask(bonjour: Bonjour): void {
    const browser = bonjour.find({ type: serviceTypes[this.#kind] })
    const saw = (service: Service): void => this.#saw(service)
    browser.on('up', saw)
    browser.on('txt-update', saw)
    browser.on('srv-update', saw)
    browser.on('down', (service) => this.#lose(service.name))
    this.#browsers.push(browser)
  }

  #saw(service: Service): void {
    const found = readService(service, this.#multicast)
    if (found === undefined) return
    const before = this.#known.get(found.id)?.service
    if (before === undefined && this.#known.size >= maxServices) return
    this.#known.set(found.id, { service: found, sweep: this.#sweep })
    if (before?.url !== found.url || before.name !== found.name) this.#listener.found(found)
  }

  #lose(id: string): void {
    if (this.#known.delete(id)) this.#listener.lost(id)
  }
}

/** Undefined when what was announced cannot be dialled; whoever announces is a stranger. */
function readService(service: Service, multicast: Multicast): FoundService | undefined {
  const address = reachableAddress(service.addresses ?? [], service.referer?.address, multicast.interfaces)
  const txt: { readonly path?: unknown; readonly name?: unknown } = service.txt ?? {}
  const path = typeof txt.path === 'string' && txt.path !== '' ? txt.path : defaultPath
  if (address === undefined || !/^\/[\x21-\x7e]{0,255}$/.test(path)) return undefined
  if (!Number.isInteger(service.port) || service.port < 1) return undefined
  const name = typeof txt.name === 'string' && txt.name !== '' ? txt.name : service.name
  return { id: service.name, name: utf8Prefix(name, 256), url: `ws://${address}:${service.port}${path}` }
}

/** As many whole characters from the start as fit into `maxBytes`. */
function utf8Prefix(words: string, maxBytes: number): string {
  let kept = ''
  let bytes = 0
  for (const character of words) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    kept += character
  }
  return kept
}
