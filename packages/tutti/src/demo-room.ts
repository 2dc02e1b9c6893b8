/**
 * One room in a process of its own, started by `RoomProcess`: a player with a clock and a sound card that differ from
 * everybody else's. It reports what it is truly heard to play and what it believes, and ends when it is told to or when
 * whoever started it is gone.
 */
import { rm } from 'node:fs/promises'
import { type PlayerStatus, playerDefaults } from '@tutti/client'
import { type ClockSkew, joinRoom, type OutputSpec, roomDefaults } from '@tutti/client/node'
import type { Hearing } from './room-comparison.js'

export interface RoomSpec {
  readonly name: string
  /** The coordinator's: `ws://host:port/path`. */
  readonly url: string
  readonly output: OutputSpec
  /** How its clock differs from the machine's. */
  readonly skew: ClockSkew
  /** A folder that nobody removes when whoever started the room dies without warning; then the room does. */
  readonly orphanFolder: string | undefined
}

export type RoomReport =
  | { readonly type: 'hearing'; readonly hearing: Hearing }
  | { readonly type: 'status'; readonly status: PlayerStatus }
  /** One line for people. */
  | { readonly type: 'problem'; readonly text: string }

export type RoomOrder = { readonly type: 'stop' }

const hearingEveryMs = 40
const statusEveryMs = 500
/** What has not ended by then is ended by force. */
const stopPatienceMs = 2_000

const spec: RoomSpec = JSON.parse(process.argv[2]!)
const report = (what: RoomReport): void => {
  if (process.connected) process.send!(what, undefined, undefined, () => undefined) // a failure is followed by `disconnect`
}

// Ctrl-C on a terminal reaches every process of the group; the parent decides when rooms end.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

const room = await joinRoom(
  {
    ...roomDefaults,
    player: { ...playerDefaults, clientId: `demo-${spec.name}`, name: spec.name },
    connection: { kind: 'dial', url: spec.url },
    output: spec.output,
    skew: spec.skew,
  },
  (event) => {
    if (event.type === 'problem') report(event)
  },
).catch((error: Error) => {
  report({ type: 'problem', text: error.message })
  process.exit(1)
})

let lastHeardAtUs = 0
const timers = [
  setInterval(() => {
    const hearing = room.hearing()
    if (!hearing || hearing.trueHeardAtUs === lastHeardAtUs) return
    lastHeardAtUs = hearing.trueHeardAtUs
    report({ type: 'hearing', hearing: { trueHeardAtUs: lastHeardAtUs, heardServerAtUs: hearing.heardServerAt } })
  }, hearingEveryMs),
  setInterval(() => report({ type: 'status', status: room.status() }), statusEveryMs),
]

const stop = async (isOrphan: boolean): Promise<void> => {
  setTimeout(() => process.exit(1), stopPatienceMs).unref()
  for (const timer of timers) clearInterval(timer)
  await room.stop()
  if (isOrphan && spec.orphanFolder) await rm(spec.orphanFolder, { recursive: true, force: true })
  if (process.connected) process.disconnect()
}

let isStopping = false
const stopOnce = (isOrphan: boolean): void => {
  if (isStopping) return
  isStopping = true
  void stop(isOrphan)
}
process.on('message', (order: RoomOrder) => {
  if (order.type === 'stop') stopOnce(false)
})
process.on('disconnect', () => stopOnce(true))
if (!process.connected) stopOnce(true)
