/** The port between a session and whatever carries its frames: a WebSocket, or a queue in a test. */
import type { LocalUs, Reading } from '@tutti/clock'
import type { Frame } from './wire-codec.js'

export interface Transport {
  /**
   * Hands a frame over for sending, in order, without waiting. False when it was not taken: the connection is not open,
   * or the peer is so far behind that taking it would cost memory without bound.
   */
  send(frame: Frame): boolean
  /** Bytes taken but not yet handed to the network. */
  readonly bufferedBytes: number
  /** Frames sent while `run` runs go out together, in as few writes as possible. */
  batch(run: () => void): void
  /** Ends the connection; nothing is received after this, and `closed` follows. Safe to call twice. */
  close(code: number, reason: string): void
}

/** Told what happens to a connection, each thing once and in this order. */
export interface TransportListener<Now extends Reading<string> = LocalUs> {
  /** Frames can be sent from now on. */
  opened?(): void
  /** `at` was read as early as the adapter can. */
  received(frame: Frame, at: Now): void
  /** The last event, also of a connection that never opened. */
  closed(ending: Ending): void
}

export interface Ending {
  /** Who ended it; the network when nobody said goodbye. */
  readonly by: 'us' | 'peer' | 'network'
  /** RFC 6455, section 7.4, or one of `conducts`; 1006 when nobody said one. */
  readonly code: number
  /** For people. */
  readonly reason: string
}

/** Called once for each connection, before anything happens on it. */
export type Attach<Now extends Reading<string> = LocalUs> = (transport: Transport) => TransportListener<Now>
