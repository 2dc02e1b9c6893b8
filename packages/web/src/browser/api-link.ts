/** The page's connection to the control API: opened again whenever it breaks, sooner when the page is looked at. */
import type { Access, ServerSaying } from '../contract.js'
import type { House } from '../house.js'

const firstRetryMs = 500
const longestRetryMs = 10_000

export class ApiLink {
  readonly #house: () => House
  #socket: WebSocket | undefined
  #attempts = 0
  #retryMs = firstRetryMs
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(house: () => House) {
    this.#house = house
    document.addEventListener('visibilitychange', () => this.#hurry())
    addEventListener('online', () => this.#hurry())
  }

  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text)
    return true
  }

  /** Opens the connection, once it is known that this browser may. */
  async open(): Promise<void> {
    clearTimeout(this.#timer)
    const attempt = ++this.#attempts
    const house = this.#house()
    const access = await getJson<Access>('api/access').catch(() => undefined)
    if (attempt !== this.#attempts) return // a phone that wakes up is told of it more than once
    if (access === undefined) return this.#again() // which says that the server is lost
    if (!access.isAllowed) {
      house.link.value = 'locked'
      return
    }
    const url = new URL('api/events', location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = new WebSocket(url)
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      this.#retryMs = firstRetryMs
      house.hear(JSON.parse(data as string) as ServerSaying)
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      house.lost()
      this.#again()
    }
  }

  #again(): void {
    const house = this.#house()
    if (house.link.peek() === 'connecting') house.link.value = 'lost'
    this.#timer = setTimeout(() => void this.open(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }

  #hurry(): void {
    if (document.visibilityState !== 'visible' || this.#socket !== undefined) return
    if (this.#house().link.peek() !== 'lost') return
    this.#retryMs = firstRetryMs
    void this.open()
  }
}

/** Rejects with the server's own words when it refuses. */
export async function getJson<Body>(path: string, init?: RequestInit): Promise<Body> {
  const response = await fetch(path, { credentials: 'same-origin', ...init })
  const body = await response.json()
  if (!response.ok) throw new Error(body?.error?.message ?? `the server answered ${response.status}`)
  return body as Body
}

export function postJson<Body>(path: string, body: object): Promise<Body> {
  return getJson<Body>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}
