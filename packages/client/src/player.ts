/**
 * A player as a machine without I/O: finds its server, or lets itself be found, and plays what it sends. This file is
 * about which connection is the session's; what happens within the session is in `session.ts`. Connections, decoders,
 * files and the audio thread are on the other side of the inputs and outputs.
 */
import { elapsedUs, type LocalUs } from '@tutti/clock'
import type { GoodbyeReason, Machine, ServerHello } from '@tutti/protocol'
import { type Deadline, earliest, isDue } from './deadline.js'
import type { PlayerConfig } from './player-config.js'
import type { HeardMessage, PlayerInput, PlayerOutput, PlayerParts } from './player-ports.js'
import { Reconnect } from './reconnect.js'
import { Session } from './session.js'
import { displaces } from './session-admission.js'
import { clientHello } from './session-hello.js'
import { SessionLife } from './session-life.js'
import { type Link, SessionLinks } from './session-links.js'
import { SessionOutbox } from './session-outbox.js'
import { SessionRescue } from './session-rescue.js'
import type { PlayerSettings } from './session-settings.js'
import type { SessionState } from './session-states.js'
import type { PlayerStatus } from './session-status.js'

const nothing: readonly never[] = []
/** Servers that have not said hello yet while another one holds the player. */
const mostServers = 4
/** Connections of our own making that wait for their hello beside one that is silent: the newest is the likeliest. */
const mostTries = 1

/** Decodes chunks of `Payload` into blocks of `Block`: bytes into AudioBuffers, or lengths into lengths. */
export class Player<Payload, Block extends { readonly length: number }>
  implements Machine<PlayerInput<Payload, Block>, PlayerOutput>
{
  readonly #config: PlayerConfig
  readonly #connect: PlayerParts<Payload, Block>['connect']
  readonly #outbox = new SessionOutbox()
  readonly #life = new SessionLife(this.#outbox)
  readonly #links: SessionLinks
  readonly #session: Session<Payload, Block>
  readonly #reconnect: Reconnect
  readonly #rescue: SessionRescue
  #dialAt: Deadline

  constructor(config: PlayerConfig, parts: PlayerParts<Payload, Block>) {
    this.#config = config
    this.#connect = parts.connect
    this.#session = new Session(config, parts, this.#life, this.#outbox)
    this.#links = new SessionLinks(parts.connect === 'dial' ? mostTries : mostServers)
    this.#reconnect = new Reconnect(config.reconnect, parts.random)
    this.#rescue = new SessionRescue(config.rescue, parts.random)
    this.#dialAt = parts.connect === 'dial' ? (Number.NEGATIVE_INFINITY as LocalUs) : undefined
  }

  get state(): SessionState {
    return this.#life.state
  }

  get settings(): PlayerSettings {
    return this.#session.settings
  }

  get wakeAt(): Deadline {
    return earliest(this.#dialAt, this.#rescue.wakeAt, this.#session.wakeAt)
  }

  status(at: LocalUs): PlayerStatus {
    return this.#session.status(at)
  }

  handle(input: PlayerInput<Payload, Block>, at: LocalUs): readonly PlayerOutput[] {
    if (this.state === 'closed') {
      if (input.type === 'decoder' && typeof input.decoder !== 'string') input.decoder.close()
      return nothing
    }
    switch (input.type) {
      case 'audio':
        if (input.link !== this.#links.current) break
        this.#heard(at)
        this.#session.audioArrived(input.chunk, at)
        break
      case 'telemetry':
        this.#session.telemetryArrived(input.telemetry, at)
        break
      case 'probeSent':
        this.#session.probeSent(at)
        this.#rescue.asked(at)
        break
      case 'message':
        this.#told(input.link, input.message, at)
        break
      case 'opened':
        this.#opened(input.link, at)
        break
      case 'disconnected':
        this.#disconnected(input.link, input.reason, at)
        break
      case 'decoder':
        this.#session.decoderArrived(input.stream, input.decoder, at)
        break
      case 'woke':
        this.#session.woke(at)
        break
      case 'set':
        this.#session.set(input.settings)
        break
      case 'stop':
        this.#stop(input.reason)
        return this.#outbox.take()
    }
    return this.#settled(at)
  }

  wake(at: LocalUs): readonly PlayerOutput[] {
    if (this.state === 'closed') return nothing
    if (isDue(this.#dialAt, at)) this.#dial()
    this.#reassure(at)
    this.#session.wake(at)
    return this.#settled(at)
  }

  #settled(at: LocalUs): readonly PlayerOutput[] {
    this.#session.settle(at)
    return this.#outbox.take()
  }

  #dial(): void {
    this.#dialAt = undefined
    this.#life.move('dialled')
    this.#outbox.put({ type: 'dial' })
  }

  #opened(link: Link, at: LocalUs): void {
    const isTry = this.#connect === 'dial' && this.#links.current !== undefined
    if (isTry && !this.#rescue.isTrying) {
      this.#outbox.hangUp(link, 'not needed any more')
      return
    }
    if (isTry) {
      this.#rescue.opened(at)
      this.#outbox.put({ type: 'stopDialling' })
    }
    const evicted = this.#links.open(link)
    if (evicted !== undefined) this.#outbox.hangUp(evicted, isTry ? 'no answer' : 'too many servers at once')
    if (link === this.#links.current) {
      this.#dialAt = undefined
      this.#life.move('opened')
    }
    this.#outbox.send(link, clientHello(this.#config))
  }

  #disconnected(link: Link | undefined, reason: string, at: LocalUs): void {
    const hasDialFailed = link === undefined && this.state === 'connecting'
    if (!hasDialFailed && !(link !== undefined && this.#links.forget(link))) return
    this.#lose()
    if (this.#links.succeed() !== undefined) {
      this.#life.move('opened')
      return
    }
    if (this.#connect === 'listen') {
      this.#outbox.complain(`lost the server: ${reason}; waiting for one to come back`)
      return
    }
    if (this.#reconnect.failures === 0) this.#outbox.complain(`no connection to a server: ${reason}; trying again`)
    this.#dialAt = this.#reconnect.retryAt(at)
  }

  #told(link: Link, message: HeardMessage, at: LocalUs): void {
    if (message.type === 'server/hello') this.#greetedBy(link, message.payload, at)
    else if (link === this.#links.current) {
      this.#heard(at)
      this.#session.told(message, at)
    }
  }

  #greetedBy(link: Link, hello: ServerHello, at: LocalUs): void {
    if (this.#links.isCandidate(link)) {
      if (!this.#admits(hello)) {
        this.#links.forget(link)
        this.#outbox.farewell(link, 'another_server')
        return
      }
      this.#leave(this.#links.current!, hello, at)
      this.#links.promote(link)
      this.#lose()
      this.#life.move('opened')
    }
    if (link !== this.#links.current || this.state !== 'greeting') return
    this.#reconnect.connected(at)
    this.#session.begin(link, hello, at)
    this.#heard(at)
  }

  /** The player goes over to the server that says `hello`, or to a new connection to its own. */
  #leave(link: Link, hello: ServerHello, at: LocalUs): void {
    if (this.#session.holder?.serverId !== hello.server_id) {
      this.#outbox.farewell(link, 'another_server')
      return
    }
    this.#outbox.hangUp(link, 'connected anew')
    if (this.#rescue.heardAt === undefined) return
    const silentS = (elapsedUs(this.#rescue.heardAt, at) / 1e6).toFixed(1)
    this.#outbox.complain(`${hello.name} was silent for ${silentS} s; connected to it anew`)
  }

  #lose(): void {
    this.#stopTrying()
    this.#rescue.end()
    this.#session.lose()
  }

  /** The session's connection lives: nothing beside it is needed. */
  #heard(at: LocalUs): void {
    if (this.#connect === 'listen' || this.#life.condition === undefined) return
    this.#stopTrying()
    this.#rescue.heard(at)
  }

  #stopTrying(): void {
    if (this.#rescue.isTrying) this.#outbox.put({ type: 'stopDialling' })
  }

  /** Where the server has gone silent, asks it for a sign of life, and tries to reach it another way. */
  #reassure(at: LocalUs): void {
    const step = this.#rescue.wake(at)
    if (step === 'ask') this.#session.askForLife(at)
    else if (step === 'dial') this.#outbox.put({ type: 'dial' })
  }

  /** Whether the player is free, or leaves its server for this one. */
  #admits({ server_id: serverId, connection_reason: reason }: ServerHello): boolean {
    const { holder } = this.#session
    return holder === undefined || displaces({ serverId, reason }, holder, this.settings.lastServerId)
  }

  #stop(reason: GoodbyeReason): void {
    for (const link of this.#links.all) this.#outbox.farewell(link, reason)
    this.#dialAt = undefined
    this.#stopTrying()
    this.#rescue.end()
    this.#session.close()
  }
}
