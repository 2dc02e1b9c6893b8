/** What people ask of one client. */
import { channelRole } from '@tutti/protocol'
import type { Block } from './block.js'
import type { Member } from './member.js'
import { type Answer, changed, type Performers, saved, type Workshop, withClient } from './workshop.js'

type ClientCommand = 'renameClient' | 'setVolume' | 'setMuted' | 'setOutputDelay' | 'setChannel' | 'forgetClient'

export const clientCommands: Performers<ClientCommand> = {
  renameClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      member.givenName = command.name
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setVolume: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (!setVolume(member, command.volume, workshop)) return notNow(member, 'its volume')
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setMuted: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (!setMuted(member, command.muted, workshop)) return notNow(member, 'its mute')
      return changed(workshop.house.groupOf(member), workshop, at)
    }),
  setOutputDelay: ({ client, outputDelayMs }, workshop) =>
    withClient({ client }, workshop, (member) => {
      const { connection } = member
      if (connection === undefined) return notNow(member, 'its output delay')
      if (member.accepts('set_output_delay')) {
        const player = { command: 'set_output_delay', output_delay_ms: outputDelayMs } as const
        workshop.emit({ type: 'send', connection, message: { type: 'server/command', payload: { player } } })
      } else if (member.accepts('set_static_delay')) {
        const player = { command: 'set_static_delay', static_delay_ms: outputDelayMs } as const
        workshop.emit({ type: 'send', connection, message: { type: 'server/command', payload: { player } } })
      } else {
        return notNow(member, 'its output delay')
      }
      return {}
    }),
  setChannel: ({ client, channel }, workshop) =>
    withClient({ client }, workshop, (member) => {
      const { connection } = member
      if (connection === undefined || !member.roles.includes(channelRole)) return notNow(member, 'its channel')
      workshop.emit({ type: 'send', connection, message: { type: 'server/_tutti_channel', payload: { channel } } })
      return {}
    }),
  forgetClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      if (member.isConnected)
        return { problem: `${member.name} is connected; only clients that are away can be forgotten` }
      workshop.house.forget(member, at)
      return saved(workshop)
    }),
}

/** False when the client does not let its volume be set just now. */
export function setVolume<B extends Block, Payload>(
  member: Member<B, Payload>,
  volume: number,
  { emit }: Workshop<B, Payload>,
): boolean {
  if (!member.accepts('volume')) return false
  member.volume = volume // until it reports its own
  const message = { type: 'server/command', payload: { player: { command: 'volume', volume } } } as const
  emit({ type: 'send', connection: member.connection!, message })
  return true
}

/** Likewise. */
export function setMuted<B extends Block, Payload>(
  member: Member<B, Payload>,
  mute: boolean,
  { emit }: Workshop<B, Payload>,
): boolean {
  if (!member.accepts('mute')) return false
  member.muted = mute
  const message = { type: 'server/command', payload: { player: { command: 'mute', mute } } } as const
  emit({ type: 'send', connection: member.connection!, message })
  return true
}

function notNow(member: { readonly name: string }, what: string): Answer {
  return { problem: `${member.name} does not let ${what} be set just now` }
}
