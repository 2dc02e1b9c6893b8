/**
 * The server as one machine: connections, clients, groups and commands in; messages, audio and requests to the world
 * out. It touches no socket, file or codec, and all its time is the server's clock.
 */
import type { ServerUs } from '@tutti/clock'
import type { Machine } from '@tutti/protocol'
import { Announcer } from './announcer.js'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import { House } from './house.js'
import type { Input } from './input.js'
import type { Output } from './output.js'
import { perform } from './perform.js'
import { describeEntries, findEntry } from './queue.js'
import { Reception } from './reception.js'
import { restoreState, type ServerState, stateOf } from './server-state.js'
import { type ServerStatus, statusOf } from './status.js'
import type { Workshop } from './workshop.js'

export class Coordinator<B extends Block, Payload> implements Machine<Input<B, Payload>, Output<Payload>, ServerUs> {
  readonly #config: CoordinatorConfig<B>
  readonly #house: House<B, Payload>
  readonly #workshop: Workshop<B, Payload>
  readonly #reception: Reception<B, Payload>
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
    this.#reception = new Reception(config, this.#workshop)
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
        this.#reception.connected(input.connection)
        break
      case 'message':
        this.#reception.received(input.connection, input.message, at)
        break
      case 'appMessage': {
        const client = this.#reception.memberAt(input.connection)?.id
        if (client !== undefined)
          this.#emit({ type: 'event', event: { type: 'appMessage', client, message: input.message } })
        break
      }
      case 'disconnected':
        this.#reception.lost(input.connection, 'lost', at)
        break
      case 'congestion': {
        const stream = this.#reception.memberAt(input.connection)?.stream
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

  #emit(output: Output<Payload>): void {
    this.#outputs.push(output)
  }

  #flush(): readonly Output<Payload>[] {
    const outputs = this.#outputs
    if (outputs.length > 0) this.#outputs = []
    return outputs
  }
}
