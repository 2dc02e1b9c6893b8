/** Takes commands as JSON from whoever may give them, and says what came of each. */
import { describeMismatch } from '@tutti/protocol'
import * as v from 'valibot'
import { type Command, commandSchema } from '../command.js'
import type { CommandResult } from '../output.js'
import { CommandProblem, type Controls } from './controls.js'
import type { Caller } from './doorkeeper.js'
import { type Failure, failure } from './http-answer.js'
import type { MusicFolders } from './music-folders.js'

/** `request` is what came beside the command, to tell answers apart. */
export type Outcome = ({ readonly result: CommandResult } | Failure) & { readonly request?: unknown }

export class CommandDesk {
  readonly #controls: Controls
  readonly #music: MusicFolders

  constructor(controls: Controls, music: MusicFolders) {
    this.#controls = controls
    this.#music = music
  }

  async obey(text: string, caller: Caller): Promise<Outcome> {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return failure('not-json', 'the command is not JSON')
    }
    return this.carryOut(json, caller)
  }

  async carryOut(json: unknown, caller: Caller): Promise<Outcome> {
    const { request, ...command } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
    const echo = request === undefined ? {} : { request }
    const parsed = v.safeParse(commandSchema, command)
    if (!parsed.success) return { ...failure('invalid', describeMismatch(parsed.issues[0], '')), ...echo }
    const foreign = caller.kind === 'local' ? undefined : this.#foreignLocation(parsed.output)
    if (foreign !== undefined) {
      const words = `${foreign} is in none of the music folders; other machines may play only what is, and addresses`
      return { ...failure('refused', words), ...echo }
    }
    try {
      return { result: await this.#controls.command(parsed.output), ...echo }
    } catch (error) {
      if (error instanceof CommandProblem) return { ...failure('refused', error.message), ...echo }
      throw error
    }
  }

  /** A location in `command` that is not for other machines to open; undefined when there is none. */
  #foreignLocation(command: Command): string | undefined {
    const asked =
      command.command === 'addTracks'
        ? command.tracks.map(({ location }) => location)
        : command.command === 'announce' && command.location !== undefined
          ? [command.location]
          : []
    return asked.find((location) => !this.#music.permits(location))
  }
}
