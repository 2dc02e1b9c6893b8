/** How a player's WebSockets are kept, whoever dialled. */
import type { Clock, Timers } from '@tutti/clock'
import { limitsForServers } from '@tutti/protocol'
import { defaultHeartbeatUs, type WsOptions } from '@tutti/protocol/node'

/** A player says little; a server that reads none of it is dead. */
const maxBufferedBytes = 1_048_576

export function playerWsOptions(clock: Clock, timers: Timers): WsOptions {
  return {
    clock,
    timers,
    maxFrameBytes: limitsForServers.binaryBytes,
    maxBufferedBytes,
    heartbeatUs: defaultHeartbeatUs,
  }
}
