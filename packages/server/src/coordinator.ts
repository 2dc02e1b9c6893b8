/**
 * The server as one machine: connections, clients, groups and commands in; messages, audio and requests to the world
 * out. It touches no socket, file or codec, and all its time is the server's clock.
 */
import type { ServerUs } from '@tutti/clock'
import {
  type ClientHello,
  type ClientMessage,
  type ClientState,
  conductFor,
  type Machine,
  negotiateRoles,
  type Role,
  roleFamily,
  roles,
  type ViolationCode,
} from '@tutti/protocol'
import { Announcer } from './announcer.js'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import { performController } from './controller.js'
import { requestedFormat } from './format-choice.js'
import { House } from './house.js'
import type { ConnectionId, Input } from './input.js'
import type { Member } from './member.js'
import type { Output } from './output.js'
import { perform } from './perform.js'
import { describeEntries, findEntry } from './queue.js'
import { restoreState, type ServerState, stateOf } from './server-state.js'
import { nextState, type SessionState } from './session-states.js'
import { type ServerStatus, statusOf } from './status.js'
import type { Workshop } from './workshop.js'

const implementedRoles: readonly Role[] = [roles.player, roles.controller, roles.metadata]
/** RFC 6455, section 7.4.1: the purpose of the connection has been fulfilled. */
const normalClosure = 1000

interface Session<B extends Block, Payload> {
  state: SessionState
  /** Undefined until it has said hello. */
  member: Member<B, Payload> | undefined
}

export class Coordinator<B extends Block, Payload> implements Machine<Input<B, Payload>, Output<Payload>, ServerUs> {
  readonly #config: CoordinatorConfig<B>
  readonly #sessions = new Map<ConnectionId, Session<B, Payload>>()
  readonly #house: House<B, Payload>
  readonly #workshop: Workshop<B, Payload>
  readonly #announcer: Announcer<B, Payload>
  #outputs: Output<Payload>[] = []
  #lastId = 0

  constructor(config: CoordinatorConfig<B>, state: ServerState, at: ServerUs) {
    this.#config = config
    const emit = (output: Output<Payload>): void => void this.#outputs.push(output)
    const newId = (): number => ++this.#lastId
    this.#house = new House(config, { emit, newFeed: newId, newEncoding: newId })
    const newEntryId = (): string => Math.floor(config.random.uniform() * 2 ** 52).toString(36)
    this.#workshop = { house: this.#house, random: config.random, emit, newEntryId }
    this.#announcer = new Announcer(this.#house, { emit, newClip: newId, sampleRate: config.sampleRate })
    restoreState(this.#house, state, at)
    this.#house.defaultGroup // a house has at least one group
    this.#outputs = []
  }

  get wakeAt(): ServerUs | undefined {
    let earliest: ServerUs | undefined
    for (const { wakeAt } of this.#house.groups) {
      if (wakeAt !== undefined && (earliest === undefined || wakeAt < earliest)) earliest = wakeAt
    }
    return earliest
  }

  wake(at: ServerUs): readonly Output<Payload>[] {
    for (const group of this.#house.groups) {
      if (group.wakeAt !== undefined && group.wakeAt <= at) group.wake(at)
    }
    return this.#flush()
  }

  handle(input: Input<B, Payload>, at: ServerUs): readonly Output<Payload>[] {
    switch (input.type) {
      case 'connected':
        this.#sessions.set(input.connection, { state: 'greeting', member: undefined })
        break
      case 'message':
        this.#receive(input.connection, input.message, at)
        break
      case 'appMessage': {
        const client = this.#sessions.get(input.connection)?.member?.id
        if (client !== undefined)
          this.#emit({ type: 'event', event: { type: 'appMessage', client, message: input.message } })
        break
      }
      case 'disconnected':
        this.#lose(input.connection, 'lost', at)
        break
      case 'congestion': {
        const stream = this.#sessions.get(input.connection)?.member?.stream
        if (stream !== undefined) stream.pacer.isCongested = input.isCongested
        break
      }
      case 'command': {
        if (input.command.command === 'announce') {
          this.#announcer.ask(input.request, input.command)
          break
        }
        const answer = perform(input.command, this.#workshop, at)
        const problem = 'problem' in answer ? answer.problem : undefined
        const result = 'problem' in answer ? {} : { result: answer }
        this.#emit({ type: 'answer', request: input.request, problem, ...result })
        break
      }
      case 'tracksRead':
        for (const group of this.#house.groups) {
          const isHere = [...input.facts.keys()].some((entry) => findEntry(group.deck.queue, entry) !== undefined)
          if (isHere) group.operate((deck) => deck.annotate((queue) => describeEntries(queue, input.facts)), at)
        }
        break
      case 'clipReady':
        this.#announcer.clipReady(input.clip, input.block, at)
        break
      case 'clipFailed':
        this.#announcer.clipFailed(input.clip, input.reason)
        break
      case 'encoderReady':
        if (![...this.#house.groups].some((group) => group.equip(input.encoding, input.encoder, at)))
          input.encoder.close()
        break
      case 'encoderFailed':
        for (const group of this.#house.groups) group.encoderFailed(input.encoding, input.reason, at)
        break
      default:
        this.#feed(input, at)
    }
    return this.#flush()
  }

  /** Everything worth showing. */
  snapshot(at: ServerUs): ServerStatus {
    return statusOf({ id: this.#config.serverId, name: this.#config.serverName }, this.#house, at)
  }

  /** Everything worth keeping. */
  state(at: ServerUs): ServerState {
    return stateOf(this.#house, at)
  }

  #feed(input: Extract<Input<B, Payload>, { feed: number }>, at: ServerUs): void {
    const group = this.#house.groupOfFeed(input.feed)
    if (group === undefined) return // of a track nobody waits for any more
    switch (input.type) {
      case 'blockReady':
        group.append(input.block, input.isHeld === true, at)
        break
      case 'trackOpened': {
        const { tags, durationMs } = input
        const known = { tags, ...(durationMs === undefined ? {} : { durationMs }) }
        group.operate((deck) => deck.describe((queue, entry) => describeEntries(queue, new Map([[entry, known]]))), at)
        break
      }
      case 'trackEnded':
        group.operate((deck) => deck.trackEnded(), at)
        break
      case 'trackFailed':
        group.operate((deck) => deck.trackFailed(input.reason), at)
        break
    }
  }

  #receive(connection: ConnectionId, message: ClientMessage, at: ServerUs): void {
    const session = this.#sessions.get(connection)
    if (session === undefined) return
    const state = nextState(session.state, message.type)
    if (state === undefined) {
      this.#refuse(connection, session.state === 'greeting' ? 'hello-missing' : 'hello-repeated', at)
      return
    }
    session.state = state
    if (message.type === 'client/hello') this.#greet(connection, session, message.payload, at)
    else if (session.member !== undefined) this.#converse(connection, session.member, message, at)
  }

  #greet(connection: ConnectionId, session: Session<B, Payload>, hello: ClientHello, at: ServerUs): void {
    const older = [...this.#sessions].find(([, { member }]) => member?.id === hello.client_id)
    if (older !== undefined) this.#refuse(older[0], 'client-replaced', at)
    const member = this.#house.enrol(hello.client_id, hello.name, at)
    if (member === undefined) {
      this.#refuse(connection, 'flood', at)
      return
    }
    const active = negotiateRoles(hello.supported_roles, [...implementedRoles, ...this.#config.appRoles])
    session.member = member
    member.greet(hello, active, connection, this.#config.canEncode)
    const group = this.#house.groupOf(member)
    const { serverId, serverName } = this.#config
    const payload = {
      server_id: serverId,
      name: serverName,
      version: 1,
      active_roles: active,
      connection_reason: group.isPlaying ? 'playback' : 'discovery',
    } as const
    this.#emit({ type: 'send', connection, message: { type: 'server/hello', payload } })
    group.notifyAll(at)
    this.#emit({ type: 'event', event: { type: 'clientJoined', client: member.id, name: member.name } })
    const families = new Set<string>(Object.values(roles).map(roleFamily))
    const unknown = hello.supported_roles.filter(
      (role) => !role.startsWith('_') && !(families.has(roleFamily(role)) && role.endsWith('@v1')),
    )
    if (unknown.length > 0)
      this.#emit({ type: 'event', event: { type: 'rolesUnknown', client: member.id, roles: unknown } })
    this.#changed()
  }

  #converse(connection: ConnectionId, member: Member<B, Payload>, message: ClientMessage, at: ServerUs): void {
    switch (message.type) {
      case 'client/time': {
        const { client_transmitted: clientTransmitted } = message.payload
        this.#emit({ type: 'sendTime', connection, clientTransmitted, serverReceived: Math.round(at) as ServerUs })
        break
      }
      case 'client/state':
        this.#takeReport(member, message.payload, at)
        break
      case 'client/command': {
        const { controller } = message.payload
        if (controller !== undefined && member.roles.includes(roles.controller)) {
          performController(controller, member, this.#workshop, at)
        }
        break
      }
      case 'stream/request-format': {
        const { player } = message.payload
        const format = player && requestedFormat(member.formats, player, member.stream?.encoding.format)
        if (format !== undefined && member.isPlayer) this.#house.groupOf(member).reformat(member, format, at)
        break
      }
      case 'client/goodbye': {
        const { reason } = message.payload
        const mayRedial = reason === 'restart'
        this.#emit({ type: 'close', connection, closeCode: normalClosure, reason: `goodbye: ${reason}`, mayRedial })
        this.#lose(connection, reason, at)
        break
      }
    }
  }

  #takeReport(member: Member<B, Payload>, report: ClientState, at: ServerUs): void {
    const wasTaken = member.condition === 'external_source'
    member.report(report)
    const isTaken = member.condition === 'external_source'
    if (isTaken && !wasTaken) this.#house.setAside(member, at)
    const group = this.#house.groupOf(member)
    group.admit(member, at)
    group.notifyAll(at)
    this.#changed()
  }

  #refuse(connection: ConnectionId, code: ViolationCode, at: ServerUs): void {
    const conduct = conductFor(code)
    if (conduct.action !== 'close') return
    this.#emit({
      type: 'close',
      connection,
      closeCode: conduct.closeCode ?? normalClosure,
      reason: conduct.reason,
      mayRedial: false,
    })
    this.#lose(connection, code === 'client-replaced' ? 'replaced' : conduct.reason, at)
  }

  #lose(connection: ConnectionId, reason: string, at: ServerUs): void {
    const member = this.#sessions.get(connection)?.member
    this.#sessions.delete(connection)
    if (member === undefined || member.connection !== connection) return
    member.leave(at)
    const group = this.#house.groupOf(member)
    group.dismiss(member)
    group.notifyAll(at)
    this.#emit({ type: 'event', event: { type: 'clientLeft', client: member.id, name: member.name, reason } })
    this.#changed()
  }

  #changed(): void {
    this.#emit({ type: 'event', event: { type: 'changed' } })
    this.#emit({ type: 'save' })
  }

  #emit(output: Output<Payload>): void {
    this.#outputs.push(output)
  }

  #flush(): readonly Output<Payload>[] {
    const outputs = this.#outputs
    if (outputs.length > 0) this.#outputs = []
    return outputs
  }
}
