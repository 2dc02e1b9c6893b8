/** Answers of the control API over HTTP, and what is read of a request before one can be given. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Why something was not done: a code for programs, a line for people. */
export interface Failure {
  readonly error: { readonly code: string; readonly message: string }
}

export function failure(code: string, message: string): Failure {
  return { error: { code, message } }
}

export function respond(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const json = Buffer.from(JSON.stringify(body))
  send(response, status, 'application/json; charset=utf-8', json, { 'Cache-Control': 'no-store', ...headers })
}

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  bytes: Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(bytes)
}

/** The body as JSON; undefined when it has been refused. Only `application/json`, which no foreign form can send. */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  mostBytes: number,
): Promise<{ readonly value: unknown } | undefined> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    respond(response, 415, failure('not-json', 'send it as application/json'))
    return undefined
  }
  const text = await readBody(request, mostBytes)
  if (text === undefined) {
    respond(response, 413, failure('too-large', `at most ${mostBytes} bytes`), { Connection: 'close' })
    return undefined
  }
  try {
    return { value: JSON.parse(text) }
  } catch {
    respond(response, 400, failure('not-json', 'the body is not JSON'))
    return undefined
  }
}

export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
}

/** Undefined when it is too large. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of request) {
      bytes += (part as Buffer).length
      if (bytes > mostBytes) return undefined
      parts.push(part as Buffer)
    }
  } catch {
    return '' // the client went away; nobody reads the answer
  }
  return Buffer.concat(parts).toString('utf8')
}
