/** Gets an address from the network: follows redirects, but not for ever, and says in one line why it has nothing. */
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { firstLine, SourceProblem } from './source-problem.js'

export interface HttpResponse {
  /** Where it came from in the end. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** What it says it is, in lower case, without parameters; empty when it does not say. */
  readonly mediaType: string
  readonly body: IncomingMessage
}

/** RFC 9110, section 15.4, leaves the bound to us; browsers stop at 20, radio stations need two. */
const mostRedirects = 5
const answerTimeoutMs = 10_000

const meanings: Readonly<Record<number, string>> = {
  401: 'wants a user name and password; put them before the host (http://name:password@host/).',
  403: 'refuses us (403); check that the address is meant for players.',
  404: 'is not there (404); check the address.',
  410: 'has been taken away (410); look for a new address.',
  503: 'is full or down (503); try again later.',
}

const errors: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host; check the address and the network.',
  EAI_AGAIN: 'the host’s name cannot be looked up; check the network.',
  ECONNREFUSED: 'nobody answers at that port; check the address.',
  ECONNRESET: 'the connection was cut off; try again.',
  EHOSTUNREACH: 'the host cannot be reached; check the network.',
  HPE_INVALID_CONSTANT: 'does not answer in HTTP; look for another address of the station.',
}

/** Rejects with a SourceProblem unless the answer is a success. Asks for titles within the stream. */
export async function getResponse(url: string, signal: AbortSignal): Promise<HttpResponse> {
  let at = url
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const body = await request(url, at, signal)
    const { statusCode = 0, headers } = body
    if (statusCode >= 200 && statusCode < 300)
      return { url: at, headers, mediaType: mediaType(headers['content-type']), body }
    body.destroy()
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
      throw new SourceProblem(url, meanings[statusCode] ?? `answers with error ${statusCode}; check the address.`)
    }
    at = redirectTarget(url, headers.location, at)
  }
  throw new SourceProblem(url, 'redirects without end; check the address.')
}

function mediaType(contentType = ''): string {
  return contentType.replace(/;.*$/s, '').trim().toLowerCase()
}

function redirectTarget(url: string, location: string, base: string): string {
  const target = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (target?.protocol === 'http:' || target?.protocol === 'https:') return target.href
  throw new SourceProblem(url, 'redirects to something that is not on the web; check the address.')
}

function request(url: string, at: string, signal: AbortSignal): Promise<IncomingMessage> {
  const get = at.startsWith('https:') ? getHttps : getHttp
  const headers = { 'Icy-MetaData': '1', 'User-Agent': 'Tutti', Accept: '*/*' }
  return new Promise((resolve, reject) => {
    const asked = get(at, { signal, headers, timeout: answerTimeoutMs, agent: false }, resolve)
    asked.once('timeout', () => asked.destroy(new SourceProblem(url, 'does not answer; check the address.')))
    asked.once('error', (error) => {
      if (error instanceof SourceProblem) return reject(error)
      const code = 'code' in error ? String(error.code) : ''
      const problem = errors[code] ?? `cannot be reached (${firstLine(error)}); check the address.`
      reject(new SourceProblem(url, problem, { cause: error }))
    })
  })
}
