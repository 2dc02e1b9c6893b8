/** Who is in which group. Every client is in exactly one; a group of one's own is made and dropped as needed. */
import type { ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import type { CoordinatorConfig } from './config.js'
import { Group, type GroupPort } from './group.js'
import type { FeedId } from './input.js'
import { Member } from './member.js'
import { type CycleGroup, nextInCycle, ownGroup } from './switch-cycle.js'

/** A house has dozens; anyone in the network can invent more. */
const mostMembers = 1000

export class House<B extends Block, Payload> {
  readonly #config: CoordinatorConfig<B>
  readonly #port: GroupPort<Payload>
  readonly #groups = new Map<string, Group<B, Payload>>()
  readonly #members = new Map<string, Member<B, Payload>>()
  readonly #groupOf = new Map<Member<B, Payload>, Group<B, Payload>>()

  constructor(config: CoordinatorConfig<B>, port: GroupPort<Payload>) {
    this.#config = config
    this.#port = port
  }

  get groups(): Iterable<Group<B, Payload>> {
    return this.#groups.values()
  }

  get members(): Iterable<Member<B, Payload>> {
    return this.#members.values()
  }

  group(id: string): Group<B, Payload> | undefined {
    return this.#groups.get(id)
  }

  member(id: string): Member<B, Payload> | undefined {
    return this.#members.get(id)
  }

  groupOf(member: Member<B, Payload>): Group<B, Payload> {
    return this.#groupOf.get(member)!
  }

  groupOfFeed(feed: FeedId): Group<B, Payload> | undefined {
    for (const group of this.#groups.values()) if (group.deck.reader.owns(feed)) return group
    return undefined
  }

  /** The group new clients come into: the oldest. */
  get defaultGroup(): Group<B, Payload> {
    const [oldest] = this.#groups.values()
    if (oldest !== undefined) return oldest
    const home = this.addGroup()
    home.givenName = 'Home'
    return home
  }

  addGroup(id = this.#newId()): Group<B, Payload> {
    const group = new Group<B, Payload>(id, this.#config, this.#port)
    this.#groups.set(id, group)
    return group
  }

  /** The client called `id`, known from before or new; undefined when there are too many to remember another. */
  enrol(id: string, name: string, at: ServerUs): Member<B, Payload> | undefined {
    const known = this.#members.get(id)
    if (known !== undefined) return known
    if (this.#members.size >= mostMembers && !this.#forgetSomeone(at)) return undefined
    const member = new Member<B, Payload>(id, name)
    this.addMember(member, this.defaultGroup, at)
    return member
  }

  addMember(member: Member<B, Payload>, group: Group<B, Payload>, at: ServerUs): void {
    this.#members.set(member.id, member)
    this.#groupOf.set(member, group)
    group.add(member, at)
  }

  forget(member: Member<B, Payload>, at: ServerUs): void {
    const group = this.groupOf(member)
    group.remove(member, at)
    this.#members.delete(member.id)
    this.#groupOf.delete(member)
    this.#dropIfEmpty(group)
  }

  /** Moves a client, playing or not; nobody else is disturbed. */
  move(member: Member<B, Payload>, to: Group<B, Payload>, at: ServerUs): void {
    const from = this.groupOf(member)
    member.previousGroup = undefined
    if (from === to) return
    from.remove(member, at)
    this.#groupOf.set(member, to)
    to.add(member, at)
    to.notifyAll(at)
    this.#dropIfEmpty(from)
  }

  /** Into a new, silent group of its own. */
  isolate(member: Member<B, Payload>, at: ServerUs): Group<B, Payload> {
    const group = this.addGroup()
    this.move(member, group, at)
    return group
  }

  /** The client is taken by something that is not ours (Sendspin, "External Source Handling"). */
  setAside(member: Member<B, Payload>, at: ServerUs): void {
    const group = this.groupOf(member)
    if (group.members.some((other) => other !== member && other.isConnected)) {
      this.isolate(member, at)
      member.previousGroup = group.id
    } else {
      group.operate((deck) => deck.pause(at), at)
      group.dismiss(member)
    }
  }

  /** To the next stop of the switch cycle; false when there is none. */
  switchGroup(member: Member<B, Payload>, at: ServerUs): boolean {
    const { id, isPlayer, previousGroup } = member
    const target = nextInCycle({ id, isPlayer, group: this.groupOf(member).id, previousGroup }, this.#cycle())
    if (target === undefined) return false
    if (target === ownGroup) this.isolate(member, at)
    else this.move(member, this.#groups.get(target)!, at)
    return true
  }

  /** Dissolves a group; its clients go into groups of their own. False for the one new clients come into. */
  removeGroup(group: Group<B, Payload>, at: ServerUs): boolean {
    if (group === this.defaultGroup) return false
    group.givenName = undefined
    for (const member of [...group.members]) this.isolate(member, at)
    this.#dropIfEmpty(group)
    return true
  }

  #cycle(): readonly CycleGroup[] {
    return [...this.#groups.values()].map((group) => {
      const present = group.members.filter((member) => member.isConnected)
      return {
        id: group.id,
        isPlaying: group.isPlaying,
        clients: present.map((member) => member.id),
        players: present.filter((member) => member.isPlayer).map((member) => member.id),
      }
    })
  }

  /** Nobody would find the way into an empty group without a name. */
  #dropIfEmpty(group: Group<B, Payload>): void {
    if (group.members.length > 0 || group.givenName !== undefined || group === this.defaultGroup) return
    group.close()
    this.#groups.delete(group.id)
  }

  /** Makes room by forgetting a client that is away and was never given a name; false when there is none. */
  #forgetSomeone(at: ServerUs): boolean {
    for (const member of this.#members.values()) {
      if (member.isConnected || member.givenName !== undefined) continue
      this.forget(member, at)
      return true
    }
    return false
  }

  #newId(): string {
    for (;;) {
      const id = `group-${Math.floor(this.#config.random.uniform() * 2 ** 32)
        .toString(16)
        .padStart(8, '0')}`
      if (!this.#groups.has(id)) return id
    }
  }
}
