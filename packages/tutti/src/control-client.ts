/** A running coordinator as commands ask it: over its control API (docs/control-api.md). */
import { Complaint } from './complaint.js'

export interface Whereabouts {
  readonly host: string
  readonly port: number
  /** From `tutti pair`; the coordinator's own machine needs none. */
  readonly token?: string
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: object
  readonly patienceMs?: number
}

const usualPatienceMs = 5_000

/** What the coordinator answers; rejects with a Complaint where it does not, or says no. */
export async function askCoordinator<Answer>(
  { host, port, token }: Whereabouts,
  path: string,
  { method = 'GET', body, patienceMs = usualPatienceMs }: Question = {},
): Promise<Answer> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patienceMs),
  }).catch(() => {
    throw new Complaint(`no coordinator answers at ${url}; is tutti serve running there?`)
  })
  const answer = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
  if (response.status === 401)
    throw new Complaint(`${host} does not know this machine: tutti pair --help says how to get a token`)
  if (answer === undefined || (!response.ok && answer.error?.message === undefined))
    throw new Complaint(`${url} answered ${response.status}; is this a Tutti coordinator?`)
  if (!response.ok) throw new Complaint(answer.error!.message!)
  return answer as Answer
}
