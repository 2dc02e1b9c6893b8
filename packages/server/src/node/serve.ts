/** Starts a server: its state from disk, its coordinator, and the world around it. */
import { randomInt } from 'node:crypto'
import type { Random, ServerUs } from '@tutti/clock'
import { isSupportedFormat } from '@tutti/codec'
import { channelRole, telemetryRole } from '@tutti/protocol'
import { MonotonicClock } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { audioBlocks } from '../audio-blocks.js'
import { defaultPacing } from '../config.js'
import { Coordinator } from '../coordinator.js'
import { LiveServer, type RunningServer } from './live-server.js'
import type { ServeOptions } from './serve-options.js'
import { StateStore } from './state-store.js'

const channels = 2
const random: Random = { uniform: () => randomInt(2 ** 47) / 2 ** 47 }

/** Rejects with a message fit for a person when a port or the state cannot be had. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const store = new StateStore(options.stateFolder, options.onProblem)
  const [state, serverId] = [await store.load(), await store.serverId()]
  const coordinator = new Coordinator<AudioBuffer, Uint8Array>(
    {
      ...defaultPacing,
      serverId,
      serverName: options.name,
      sendAheadMs: options.sendAheadMs,
      canEncode: (format) => isSupportedFormat(format) && format.channels <= channels,
      appRoles: [...options.appRoles, telemetryRole, channelRole],
      blocks: audioBlocks(defaultPacing.sampleRate, channels),
      random,
    },
    state,
    new MonotonicClock<ServerUs>().now(),
  )
  const server = new LiveServer(options, { store, coordinator, channels, random })
  try {
    await server.start(serverId)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}
