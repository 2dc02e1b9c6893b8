/**
 * The life of a connection, as data. Which messages are allowed when is here and nowhere else: a message a state does
 * not list is the client's mistake and ends the session.
 */
import type { ClientMessage } from '@tutti/protocol'

export const sessionStates = {
  /** Nothing has been said yet. */
  greeting: { 'client/hello': 'preparing' },
  /** Roles are agreed; commands and audio wait for the client's first report. */
  preparing: {
    'client/time': 'preparing',
    'client/state': 'ready',
    'client/command': 'preparing',
    'stream/request-format': 'preparing',
    'client/goodbye': 'closed',
  },
  ready: {
    'client/time': 'ready',
    'client/state': 'ready',
    'client/command': 'ready',
    'stream/request-format': 'ready',
    'client/goodbye': 'closed',
  },
  /** Goodbye has been said; nothing more is taken. */
  closed: {},
} as const satisfies Record<string, Partial<Record<ClientMessage['type'], string>>>

export type SessionState = keyof typeof sessionStates

/** The state after a message; undefined when the client may not send it now. */
export function nextState(state: SessionState, message: ClientMessage['type']): SessionState | undefined {
  return (sessionStates[state] as Partial<Record<ClientMessage['type'], SessionState>>)[message]
}
