/** The server as this program runs it: with its own music besides files, and playing as soon as somebody hears it. */
import type { ServerEvent } from '@tutti/server'
import { type RunningServer, type ServeOptions, serve } from '@tutti/server/node'
import { Complaint } from './complaint.js'
import { createProgrammeSource } from './open-programme.js'

export type CoordinatorOptions = Pick<
  ServeOptions,
  | 'name'
  | 'host'
  | 'port'
  | 'control'
  | 'stateFolder'
  | 'discovers'
  | 'players'
  | 'encoder'
  | 'voice'
  | 'onEvent'
  | 'onProblem'
> & {
  /** How far ahead of its time audio from files is sent, in ms: what a network may fail for, and an announcement waits. */
  readonly sendAheadMs?: number
  /** What to play, in this order, over and over; empty to go on with what the state says. */
  readonly locations: readonly string[]
  /** Whether tracks added later may run programs, read pipes and capture line inputs; those in `locations` always may. */
  readonly allowsPrograms: boolean
}

export const defaultSendAheadMs = 5_000
/** Recommended by the specification. */
export const defaultPort = 8927
export const path = '/sendspin'

/** Rejects with a Complaint when a port or the state cannot be had. */
export async function startCoordinator({
  locations,
  allowsPrograms,
  sendAheadMs = defaultSendAheadMs,
  ...options
}: CoordinatorOptions): Promise<RunningServer> {
  const server = await serve({
    ...options,
    path,
    openSource: await createProgrammeSource({
      allowsPrograms,
      allowed: locations,
      onProblem: options.onProblem,
    }),
    sendAheadMs,
    appRoles: [],
    appMessages: {},
  }).catch((error: Error) => {
    throw new Complaint(error.message)
  })
  if (locations.length > 0) await queue(server, locations)
  playWhenHeard(server)
  await listenToLiveSource(server)
  return server
}

async function queue(server: RunningServer, locations: readonly string[]): Promise<void> {
  const group = server.status().groups[0]!.id // a house has at least one
  await server.command({ command: 'clearQueue', group })
  await server.command({ command: 'addTracks', group, tracks: locations.map((location) => ({ location })) })
  await server.command({ command: 'setRepeat', group, repeat: 'all' })
}

/** What happens now is read from now on: whatever waits unread in a pipe would be late for as long as it is played. */
async function listenToLiveSource(server: RunningServer): Promise<void> {
  const [group] = server.status().groups
  if (group?.queue[0]?.live) await server.command({ command: 'play', group: group.id })
}

/** Starts when the first player joins, and again when one comes back to a house that was left alone. */
function playWhenHeard(server: RunningServer): void {
  let isWaiting = true
  server.subscribe((event: ServerEvent) => {
    if (event.type === 'playbackAbandoned') isWaiting = true
    if (event.type !== 'clientJoined' || !isWaiting) return
    const { groups } = server.status()
    const group = groups.find(({ clients }) => clients.some(({ id, isPlayer }) => id === event.client && isPlayer))
    if (!group || group.queue.length === 0) return
    isWaiting = false
    // What cannot be played becomes an event of its own.
    void server.command({ command: 'play', group: group.id })
  })
}
