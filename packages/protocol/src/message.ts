/** A message of any kind, and the tables that say which kinds a peer may send. */
import type { GenericSchema } from 'valibot'

export interface Message {
  /** `sender/subject`, for example `client/time`; an application's own subjects start with `_tutti_`. */
  readonly type: string
  readonly payload: object
}

/**
 * What is accepted, type by type. An application adds its own messages by spreading:
 * `{ ...clientSchemas, 'client/_tutti_telemetry': telemetry }`; a peer that does not know them ignores them.
 */
export type MessageSchemas<M extends Message> = {
  readonly [Type in M['type']]: GenericSchema<unknown, Extract<M, { readonly type: Type }>['payload']>
}
