/** Carries out what people ask of the server. */
import type { ServerUs } from '@tutti/clock'
import type { Block } from './block.js'
import { clientCommands } from './client-commands.js'
import type { CommandName, PromptCommand } from './command.js'
import { groupCommands } from './group-commands.js'
import { playbackCommands } from './playback-commands.js'
import type { Answer, Performers, Workshop } from './workshop.js'

const performers: Performers<CommandName> = { ...playbackCommands, ...groupCommands, ...clientCommands }

export function perform<B extends Block, Payload>(
  command: PromptCommand,
  workshop: Workshop<B, Payload>,
  at: ServerUs,
): Answer {
  const performer = performers[command.command] as (
    command: PromptCommand,
    workshop: Workshop<B, Payload>,
    at: ServerUs,
  ) => Answer
  return performer(command, workshop, at)
}
