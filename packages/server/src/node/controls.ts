/** What people and programs can see and ask of a running server, whichever way they ask. */
import type { Command } from '../command.js'
import type { ServerEvent } from '../event.js'
import type { CommandResult } from '../output.js'
import type { ServerStatus } from '../status.js'
import type { Reading, RoomHistory, TelemetrySpan } from '../telemetry-history.js'

export interface Controls {
  status(): ServerStatus
  /** The latest reading of each room that tells, and the past of all. */
  readings(): readonly Reading[]
  past(span: TelemetrySpan): readonly RoomHistory[]
  /** Rejects with a CommandProblem when it cannot be done. */
  command(command: Command): Promise<CommandResult>
  /** The result ends the subscription. */
  subscribe(listener: (event: ServerEvent) => void): () => void
}

/** A command that makes sense but cannot be carried out, with the reason for people. */
export class CommandProblem extends Error {
  override readonly name = 'CommandProblem'
}
