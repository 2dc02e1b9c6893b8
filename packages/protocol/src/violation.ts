/**
 * What a peer can do wrong and what follows from it, as one table: the server, the client and the tests read it, and
 * so does the README. Codes from 4000 are the application's own (RFC 6455, section 7.4.2) and, but for 1000, the only
 * ones a browser's players can close with; each is 4000 more than the HTTP status of the same meaning.
 */

export interface Conduct {
  /**
   * ignore: allowed, or the specification says so. drop: a fault, the frame is lost; too many end the connection.
   * close: the connection ends with `closeCode` and `reason`.
   */
  readonly action: 'ignore' | 'drop' | 'close'
  readonly closeCode?: number
  /** For people, in the close frame: under 123 bytes (RFC 6455, section 5.5). */
  readonly reason: string
}

export const conducts = {
  'invalid-json': { action: 'close', closeCode: 4400, reason: 'a text frame is not JSON' },
  'invalid-envelope': { action: 'close', closeCode: 4400, reason: 'a message has no type or no payload object' },
  'invalid-hello': { action: 'close', closeCode: 4400, reason: 'the hello does not make sense' },
  'invalid-message': { action: 'drop', reason: 'a field of a known message has the wrong type or size' },
  'unknown-message': { action: 'ignore', reason: 'a message type this version does not know' },
  'unsupported-version': { action: 'close', closeCode: 4426, reason: 'only version 1 of the protocol is spoken here' },
  'encryption-unsupported': { action: 'close', closeCode: 4426, reason: 'only the cleartext protocol is spoken here' },
  'hello-missing': { action: 'close', closeCode: 4400, reason: 'the first message must be a hello' },
  'hello-timeout': { action: 'close', closeCode: 4408, reason: 'no hello in time' },
  'hello-repeated': { action: 'drop', reason: 'a second hello on one connection' },
  'unknown-binary': { action: 'ignore', reason: 'a binary frame of a kind this version does not know' },
  'unexpected-binary': { action: 'drop', reason: 'clients send no binary frames' },
  'binary-too-short': { action: 'drop', reason: 'a binary frame ends before its content begins' },
  'invalid-timestamp': { action: 'drop', reason: 'a timestamp is beyond 285 years' },
  'audio-out-of-stream': { action: 'drop', reason: 'audio outside stream/start and stream/end' },
  'frame-too-large': { action: 'close', closeCode: 4413, reason: 'a frame is larger than any message needs to be' },
  flood: { action: 'close', closeCode: 4429, reason: 'too many frames in too short a time' },
  'too-many-faults': { action: 'close', closeCode: 4400, reason: 'too many frames that make no sense' },
  /** Found by the server. The newer connection wins: the older is often a corpse that TCP has not buried yet. */
  'client-replaced': { action: 'close', closeCode: 4409, reason: 'the same client_id connected again' },
  /** Found by whoever sends: what is queued for the peer keeps growing. */
  'slow-reader': { action: 'close', closeCode: 4408, reason: 'reads too slowly to play along' },
  /** Found by the transport: nothing heard for two heartbeats. */
  'peer-silent': { action: 'close', closeCode: 4408, reason: 'no sign of life' },
} as const satisfies Readonly<Record<string, Conduct>>

export type ViolationCode = keyof typeof conducts

/** The violations that end a connection. */
export type ClosingCode = {
  [Code in ViolationCode]: (typeof conducts)[Code] extends { readonly closeCode: number } ? Code : never
}[ViolationCode]

/** What a peer did wrong; `detail` says where, in one line. */
export interface Violation {
  readonly kind: 'violation'
  readonly code: ViolationCode
  readonly detail: string
  /** The beginning of the message's type, when it had one. */
  readonly messageType?: string
}

export function violation(code: ViolationCode, detail: string, messageType?: string): Violation {
  return { kind: 'violation', code, detail, ...(messageType === undefined ? {} : { messageType }) }
}

export function conductFor(code: ViolationCode): Conduct {
  return conducts[code]
}

/** Ends one session, never the process. */
export class ProtocolError extends Error {
  readonly code: ViolationCode

  constructor(code: ViolationCode, detail: string = conducts[code].reason) {
    super(`${code}: ${detail}`)
    this.name = 'ProtocolError'
    this.code = code
  }
}
