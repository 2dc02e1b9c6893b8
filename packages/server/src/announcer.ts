/** Carries out announcements: has the clip fetched, finds the rooms, and begins in all their groups at one instant. */
import { type ServerUs, shift } from '@tutti/clock'
import type { Block } from './block.js'
import type { AnnounceCommand } from './command.js'
import type { Group } from './group.js'
import type { House } from './house.js'
import type { ClipId } from './input.js'
import type { Member } from './member.js'
import type { ClipOrigin, Output } from './output.js'
import type { Answer } from './workshop.js'

export interface AnnouncerPort<Payload> {
  emit(output: Output<Payload>): void
  newClip(): ClipId
  /** Hertz. */
  readonly sampleRate: number
}

interface Order {
  readonly request: number
  readonly command: AnnounceCommand
}

const defaultDuckDb = 12
const defaultFadeMs = 200
/** Clips are fetched at the same time at most: each may hold two minutes of audio. */
const mostOpening = 8
/** What groups may need to get ready once their common beginning is fixed. */
const togetherUs = 300_000

export class Announcer<B extends Block, Payload> {
  readonly #house: House<B, Payload>
  readonly #port: AnnouncerPort<Payload>
  readonly #orders = new Map<ClipId, Order>()

  constructor(house: House<B, Payload>, port: AnnouncerPort<Payload>) {
    this.#house = house
    this.#port = port
  }

  /** Answers when the clip is there, or at once when it cannot be done. */
  ask(request: number, command: AnnounceCommand): void {
    const origin = originOf(command)
    const found = this.#find(command.rooms)
    if (origin === undefined) this.#answer(request, { problem: 'give either a location or a text to announce' })
    else if (typeof found === 'string') this.#answer(request, { problem: found })
    else if (this.#orders.size >= mostOpening)
      this.#answer(request, { problem: 'too many announcements are being fetched; try again in a moment' })
    else {
      const clip = this.#port.newClip()
      this.#orders.set(clip, { request, command })
      this.#port.emit({ type: 'openClip', clip, from: origin })
    }
  }

  clipReady(clip: ClipId, block: B, at: ServerUs): void {
    const order = this.#take(clip)
    if (order === undefined) return
    const answer = block.length === 0 ? { problem: 'it holds no audio' } : this.#announce(order.command, block, at)
    this.#answer(order.request, answer)
  }

  clipFailed(clip: ClipId, reason: string): void {
    const order = this.#take(clip)
    if (order !== undefined) this.#answer(order.request, { problem: reason })
  }

  #announce({ rooms, duckDb = defaultDuckDb, fadeMs = defaultFadeMs }: AnnounceCommand, clip: B, at: ServerUs): Answer {
    const found = this.#find(rooms) // rooms come and go while a clip is fetched
    if (typeof found === 'string') return { problem: found }
    const announcement = { clip, duckDb, fadeFrames: Math.round((fadeMs * this.#port.sampleRate) / 1000) }
    const groups = new Map<Group<B, Payload>, Set<Member<B, Payload>>>()
    for (const member of found) {
      const group = this.#house.groupOf(member)
      groups.set(group, (groups.get(group) ?? new Set()).add(member))
    }
    let notBefore = at
    if (groups.size > 1) {
      for (const group of groups.keys()) {
        notBefore = Math.max(notBefore, shift(group.announceableAt(at), togetherUs)) as ServerUs
      }
    }
    let heardInMs: number | undefined
    for (const [group, hearers] of groups) {
      const answer = group.announce({ announcement, hearers, notBefore }, at)
      if (typeof answer === 'string') return { problem: answer }
      if (answer !== undefined) heardInMs = Math.max(heardInMs ?? 0, Math.round((answer - at) / 1000))
    }
    return heardInMs === undefined ? {} : { heardInMs }
  }

  /** The players with these ids or names, or what is in the way. */
  #find(rooms: readonly string[]): readonly Member<B, Payload>[] | string {
    const players = [...this.#house.members].filter((member) => member.isReadyToPlay)
    const found: Member<B, Payload>[] = []
    for (const room of rooms) {
      const called = players.filter(({ id, name }) => id === room || name.toLowerCase() === room.toLowerCase())
      if (called.length === 0) {
        const names = players.map(({ name }) => name).join(', ')
        return `no room ${room} is connected; ${names === '' ? 'none is' : `there are ${names}`}`
      }
      found.push(...called)
    }
    return found
  }

  #take(clip: ClipId): Order | undefined {
    const order = this.#orders.get(clip)
    this.#orders.delete(clip)
    return order
  }

  #answer(request: number, answer: Answer): void {
    if ('problem' in answer) this.#port.emit({ type: 'answer', request, problem: answer.problem })
    else this.#port.emit({ type: 'answer', request, problem: undefined, result: answer })
  }
}

function originOf({ location, text }: AnnounceCommand): ClipOrigin | undefined {
  if (location !== undefined) return text === undefined ? { location } : undefined
  return text === undefined ? undefined : { text }
}
