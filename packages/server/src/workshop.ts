/** What carrying out a command takes, and what comes of it. */
import type { Random, ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import type { CommandName, PromptCommand } from './command.js'
import type { Group } from './group.js'
import type { House } from './house.js'
import type { Member } from './member.js'
import type { CommandResult, Output } from './output.js'

export interface Workshop<B extends Block, Payload> {
  readonly house: House<B, Payload>
  readonly random: Random
  emit(output: Output<Payload>): void
  /** An id no entry has had before. */
  newEntryId(): string
}

/** In one line what is in the way, or ids of what was made. */
export type Answer = { readonly problem: string } | CommandResult

/** For each command called `Name`, what carries it out. */
export type Performers<Name extends CommandName> = {
  readonly [N in Name]: <B extends Block, Payload>(
    command: Extract<PromptCommand, { command: N }>,
    workshop: Workshop<B, Payload>,
    at: ServerUs,
  ) => Answer
}

/** Acts in the group a command names, if there is one. */
export function inGroup<B extends Block, Payload>(
  { group: id }: { readonly group: string },
  { house }: Workshop<B, Payload>,
  act: (group: Group<B, Payload>) => Answer,
): Answer {
  const group = house.group(id)
  return group === undefined ? { problem: `there is no group ${id}` } : act(group)
}

/** Acts on the client a command names, if there is one. */
export function withClient<B extends Block, Payload>(
  { client: id }: { readonly client: string },
  { house }: Workshop<B, Payload>,
  act: (member: Member<B, Payload>) => Answer,
): Answer {
  const member = house.member(id)
  return member === undefined ? noClient(id) : act(member)
}

/** Everyone is told, and it is kept. */
export function changed<B extends Block, Payload>(
  group: Group<B, Payload>,
  workshop: Workshop<B, Payload>,
  at: ServerUs,
): Answer {
  group.notifyAll(at)
  return saved(workshop)
}

/** It shows in the status, and is kept. */
export function saved<B extends Block, Payload>({ emit }: Workshop<B, Payload>): Answer {
  emit({ type: 'event', event: { type: 'changed' } })
  emit({ type: 'save' })
  return {}
}

export function noClient(id: string): Answer {
  return { problem: `there is no client ${id}` }
}
