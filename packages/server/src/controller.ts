/** What a client with the `controller` role asks of its group, in the words of our own commands. */
import type { ServerUs } from '@tutti/clock'
import type { ControllerCommand } from '@tutti/protocol'
import type { Block } from './block.js'
import type { PromptCommand } from './command.js'
import type { Member } from './member.js'
import { perform } from './perform.js'
import type { Workshop } from './workshop.js'

/** Ignored when it makes no sense there. */
export function performController<B extends Block, Payload>(
  { command, ...details }: ControllerCommand,
  member: Member<B, Payload>,
  workshop: Workshop<B, Payload>,
  at: ServerUs,
): void {
  if (command === 'switch') {
    workshop.house.switchGroup(member, at)
    return
  }
  const group = workshop.house.groupOf(member).id
  perform({ ...translate({ command, ...details } as ControllerCommand), group } as PromptCommand, workshop, at)
}

function translate(command: ControllerCommand): object {
  switch (command.command) {
    case 'repeat_off':
    case 'repeat_one':
    case 'repeat_all':
      return { command: 'setRepeat', repeat: command.command.slice('repeat_'.length) }
    case 'shuffle':
    case 'unshuffle':
      return { command: 'setShuffle', shuffle: command.command === 'shuffle' }
    case 'volume':
      return { command: 'setGroupVolume', volume: command.volume, keeps: 'distances' }
    case 'mute':
      return { command: 'setGroupMuted', muted: command.mute }
    case 'seek':
      return { command: 'seek', positionMs: command.position_ms }
    case 'seek_relative':
      return { command: 'seekRelative', offsetMs: command.offset_ms }
    default:
      return { command: command.command }
  }
}
