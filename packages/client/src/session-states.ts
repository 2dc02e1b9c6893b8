/**
 * The life of a player's session, as data: the player, the tests and the diagram in the README all read this one
 * table. A pair that is not listed is a bug in whoever sent the event.
 *
 * Two things decide the middle rows: whether the clocks are locked and whether a stream is running.
 *
 * |           | no stream | stream                                |
 * | --------- | --------- | ------------------------------------- |
 * | no lock   | syncing   | holding                               |
 * | lock      | ready     | buffering, then playing, or starved   |
 */
import type { PlayerCondition } from '@tutti/protocol'

export const sessionStates = {
  /** For the next attempt to connect, or for a server to dial. */
  waiting: { dialled: 'connecting', opened: 'greeting', stopped: 'closed' },
  connecting: { opened: 'greeting', lost: 'waiting', stopped: 'closed' },
  greeting: { welcomed: 'syncing', lost: 'waiting', stopped: 'closed' },
  syncing: { locked: 'ready', started: 'holding', lost: 'waiting', stopped: 'closed' },
  ready: { unlocked: 'syncing', started: 'buffering', lost: 'waiting', stopped: 'closed' },
  holding: { locked: 'buffering', ended: 'syncing', lost: 'waiting', stopped: 'closed' },
  buffering: { heard: 'playing', unlocked: 'holding', ended: 'ready', lost: 'waiting', stopped: 'closed' },
  playing: {
    cleared: 'buffering',
    starved: 'starved',
    unlocked: 'holding',
    ended: 'ready',
    lost: 'waiting',
    stopped: 'closed',
  },
  starved: {
    cleared: 'buffering',
    heard: 'playing',
    unlocked: 'holding',
    ended: 'ready',
    lost: 'waiting',
    stopped: 'closed',
  },
  closed: {},
} as const satisfies Record<string, Readonly<Record<string, string>>>

export type SessionState = keyof typeof sessionStates
export type SessionEvent = { [S in SessionState]: keyof (typeof sessionStates)[S] }[SessionState]

/** What the server is told of each state; undefined where there is no server to tell. */
export const conditions = {
  waiting: undefined,
  connecting: undefined,
  greeting: undefined,
  syncing: 'error',
  ready: 'synchronized',
  holding: 'error',
  buffering: 'synchronized',
  playing: 'synchronized',
  starved: 'error',
  closed: undefined,
} as const satisfies Record<SessionState, PlayerCondition | undefined>

/** Whether `event` means anything in `state`. */
export function allows(state: SessionState, event: SessionEvent): boolean {
  return event in sessionStates[state]
}

export function nextState(state: SessionState, event: SessionEvent): SessionState {
  const next = (sessionStates[state] as Partial<Record<SessionEvent, SessionState>>)[event]
  if (next === undefined) throw new Error(`a session cannot be '${event}' while '${state}'`)
  return next
}

/** The table as a Mermaid state diagram. */
export function drawSessionStates(): string {
  const lines = ['stateDiagram-v2', '  [*] --> waiting']
  for (const [state, edges] of Object.entries(sessionStates)) {
    for (const [event, target] of Object.entries(edges)) lines.push(`  ${state} --> ${target}: ${event}`)
  }
  return [...lines, '  closed --> [*]', ''].join('\n')
}
