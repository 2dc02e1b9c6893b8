/** Who is connected, from hello to goodbye: one session for each connection, and the client it turned out to be. */
import type { ServerUs } from '@tutti/clock'
import {
  type ClientHello,
  type ClientMessage,
  type ClientState,
  conductFor,
  negotiateRoles,
  type Role,
  roleFamily,
  roles,
  type ViolationCode,
} from '@tutti/protocol'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import { performController } from './controller.js'
import { requestedFormat } from './format-choice.js'
import type { ConnectionId } from './input.js'
import type { Member } from './member.js'
import { nextState, type SessionState } from './session-states.js'
import { saved, type Workshop } from './workshop.js'

const implementedRoles: readonly Role[] = [roles.player, roles.controller, roles.metadata]
/** RFC 6455, section 7.4.1: the purpose of the connection has been fulfilled. */
const normalClosure = 1000

interface Session<B extends Block, Payload> {
  state: SessionState
  /** Undefined until it has said hello. */
  member: Member<B, Payload> | undefined
}

export class Reception<B extends Block, Payload> {
  readonly #config: CoordinatorConfig<B>
  readonly #workshop: Workshop<B, Payload>
  readonly #sessions = new Map<ConnectionId, Session<B, Payload>>()

  constructor(config: CoordinatorConfig<B>, workshop: Workshop<B, Payload>) {
    this.#config = config
    this.#workshop = workshop
  }

  /** Who is at the other end; undefined before its hello, and once it has gone. */
  memberAt(connection: ConnectionId): Member<B, Payload> | undefined {
    return this.#sessions.get(connection)?.member
  }

  /** A connection is open, whoever dialled. */
  connected(connection: ConnectionId): void {
    this.#sessions.set(connection, { state: 'greeting', member: undefined })
  }

  /** Takes what a client says. */
  received(connection: ConnectionId, message: ClientMessage, at: ServerUs): void {
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
    const member = this.#workshop.house.enrol(hello.client_id, hello.name, at)
    if (member === undefined) {
      this.#refuse(connection, 'flood', at)
      return
    }
    const active = negotiateRoles(hello.supported_roles, [...implementedRoles, ...this.#config.appRoles])
    session.member = member
    member.greet(hello, active, connection, this.#config.canEncode)
    const group = this.#workshop.house.groupOf(member)
    const { serverId, serverName } = this.#config
    const payload = {
      server_id: serverId,
      name: serverName,
      version: 1,
      active_roles: active,
      connection_reason: group.isPlaying ? 'playback' : 'discovery',
    } as const
    this.#workshop.emit({ type: 'send', connection, message: { type: 'server/hello', payload } })
    group.notifyAll(at)
    this.#workshop.emit({ type: 'event', event: { type: 'clientJoined', client: member.id, name: member.name } })
    const unknown = unknownRoles(hello.supported_roles)
    if (unknown.length > 0)
      this.#workshop.emit({ type: 'event', event: { type: 'rolesUnknown', client: member.id, roles: unknown } })
    saved(this.#workshop)
  }

  #converse(connection: ConnectionId, member: Member<B, Payload>, message: ClientMessage, at: ServerUs): void {
    switch (message.type) {
      case 'client/time': {
        const { client_transmitted: clientTransmitted } = message.payload
        this.#workshop.emit({
          type: 'sendTime',
          connection,
          clientTransmitted,
          serverReceived: Math.round(at) as ServerUs,
        })
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
        if (format !== undefined && member.isPlayer) this.#workshop.house.groupOf(member).reformat(member, format, at)
        break
      }
      case 'client/goodbye': {
        const { reason } = message.payload
        const mayRedial = reason === 'restart'
        this.#workshop.emit({
          type: 'close',
          connection,
          closeCode: normalClosure,
          reason: `goodbye: ${reason}`,
          mayRedial,
        })
        this.lost(connection, reason, at)
        break
      }
    }
  }

  #takeReport(member: Member<B, Payload>, report: ClientState, at: ServerUs): void {
    const wasTaken = member.condition === 'external_source'
    member.report(report)
    const isTaken = member.condition === 'external_source'
    if (isTaken && !wasTaken) this.#workshop.house.setAside(member, at)
    const group = this.#workshop.house.groupOf(member)
    group.admit(member, at)
    group.notifyAll(at)
    saved(this.#workshop)
  }

  #refuse(connection: ConnectionId, code: ViolationCode, at: ServerUs): void {
    const conduct = conductFor(code)
    if (conduct.action !== 'close') return
    this.#workshop.emit({
      type: 'close',
      connection,
      closeCode: conduct.closeCode ?? normalClosure,
      reason: conduct.reason,
      mayRedial: false,
    })
    this.lost(connection, code === 'client-replaced' ? 'replaced' : conduct.reason, at)
  }

  /** The connection is gone, in words why. */
  lost(connection: ConnectionId, reason: string, at: ServerUs): void {
    const member = this.#sessions.get(connection)?.member
    this.#sessions.delete(connection)
    if (member === undefined || member.connection !== connection) return
    member.leave(at)
    const group = this.#workshop.house.groupOf(member)
    group.dismiss(member)
    group.notifyAll(at)
    this.#workshop.emit({ type: 'event', event: { type: 'clientLeft', client: member.id, name: member.name, reason } })
    saved(this.#workshop)
  }
}

/** Of the specification's, those that this version does not know. */
function unknownRoles(supported: readonly string[]): readonly string[] {
  const families = new Set<string>(Object.values(roles).map(roleFamily))
  return supported.filter((role) => !role.startsWith('_') && !(families.has(roleFamily(role)) && role.endsWith('@v1')))
}
