/** How a player introduces itself to a server (Sendspin L1, `client/hello`). */
import { type ClientMessage, channelRole, roles, telemetryRole, toWireFormat } from '@tutti/protocol'
import type { PlayerConfig } from './player-config.js'

/** Those that existed when commands were listed here; servers of that time know no others. The rest is in `client/state`. */
const helloCommands = ['volume', 'mute'] as const

export function clientHello({ clientId, name, device, formats, bufferCapacityBytes }: PlayerConfig): ClientMessage {
  return {
    type: 'client/hello',
    payload: {
      client_id: clientId,
      name,
      version: 1,
      supported_roles: [roles.player, roles.metadata, telemetryRole, channelRole],
      device_info: device,
      'player@v1_support': {
        supported_formats: formats.map(toWireFormat),
        buffer_capacity: bufferCapacityBytes,
        supported_commands: helloCommands,
      },
    },
  }
}
