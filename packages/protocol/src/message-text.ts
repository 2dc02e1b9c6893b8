/** Messages to JSON and back, checked on the way in. */
import * as v from 'valibot'
import type { Message, MessageSchemas } from './message.js'
import { describeMismatch } from './mismatch.js'
import { type Violation, violation } from './violation.js'

export function formatMessage(message: Message): string {
  return JSON.stringify(message)
}

/** Never throws, whatever `json` holds; to limit its length is up to the caller. */
export function parseMessage<In extends Message>(json: string, schemas: MessageSchemas<In>): In | Violation {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return violation('invalid-json', 'a text frame is not JSON')
  }
  if (!isEnvelope(value)) return violation('invalid-envelope', 'a message is not {"type": string, "payload": object}')

  const { type, payload = {} } = value
  const known: Readonly<Record<string, v.GenericSchema>> = schemas
  const schema = Object.hasOwn(known, type) ? known[type] : undefined
  if (schema === undefined) return violation('unknown-message', quoted(type), type.slice(0, 64))

  const parsed = v.safeParse(schema, payload)
  if (!parsed.success) return violation('invalid-message', `${type}: ${describe(parsed.issues)}`, type)
  return { type, payload: parsed.output } as In
}

/** The payload may be left out: clients are known to be prepared for a `stream/end` without one. */
function isEnvelope(value: unknown): value is { readonly type: string; readonly payload?: object } {
  return isObject(value) && typeof value.type === 'string' && (value.payload === undefined || isObject(value.payload))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const maxIssues = 3

/** One line: where each problem is and what was expected there. */
function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  const shown = issues.slice(0, maxIssues).map((issue) => describeMismatch(issue, 'payload'))
  const more = issues.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

/** A peer's own words, short and without control characters, fit for a log line. */
function quoted(words: string): string {
  return JSON.stringify(words.length > 64 ? `${words.slice(0, 64)}…` : words)
}
