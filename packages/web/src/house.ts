/** What the page knows of the house, as signals, and how it asks for changes. Bounded however long it is left open. */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import type {
  Answer,
  ClientStatus,
  Command,
  EntryStatus,
  GroupStatus,
  Reading,
  ServerEvent,
  ServerSaying,
  ServerStatus,
} from './contract.js'
import type { Recent } from './verdict.js'
import { sentence } from './words.js'

/** connecting: not yet. open: what is shown is true. lost: it was; trying again. locked: this browser must be paired. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'locked'

export interface Notice {
  readonly id: number
  readonly text: string
}

/** Ten minutes of one reading a second. */
const keptReadings = 600
const mostNotices = 3
/** Readings that a verdict looks back on. */
const usualReadings = 30

export class House {
  readonly link = signal<LinkState>('connecting')
  readonly status = signal<ServerStatus | undefined>(undefined)
  /** The latest reading of each room that sends any. */
  readonly readings = signal<ReadonlyMap<string, Reading>>(new Map())
  readonly notices = signal<readonly Notice[]>([])
  /** Group whose music is on display. */
  readonly chosenGroup = signal<string | undefined>(undefined)
  readonly group: ReadonlySignal<GroupStatus | undefined> = computed(() => {
    const groups = this.status.value?.groups
    return groups?.find(({ id }) => id === this.chosenGroup.value) ?? (groups && busiest(groups))
  })

  readonly #send: (text: string) => boolean
  readonly #now: () => number
  readonly #history = new Map<string, Reading[]>()
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #receivedAtMs = 0

  /**
   * @param send false when there is no connection
   * @param now monotonic, ms
   */
  constructor(send: (text: string) => boolean, now: () => number) {
    this.#send = send
    this.#now = now
  }

  /** Server time, µs. */
  get serverNow(): number {
    const status = this.status.peek()
    return status === undefined ? 0 : status.at + (this.#now() - this.#receivedAtMs) * 1000
  }

  /** Where `group` is in its track now, ms. */
  positionMs(group: GroupStatus): number {
    const passed = group.isMoving ? this.#now() - this.#receivedAtMs : 0
    const duration = this.entry(group)?.durationMs
    return Math.min(group.positionMs + passed, duration ?? Number.POSITIVE_INFINITY)
  }

  entry(group: GroupStatus): EntryStatus | undefined {
    return group.queue.find(({ id }) => id === group.current)
  }

  /** The last minutes of a room's readings, oldest first. */
  history(client: string): readonly Reading[] {
    return this.#history.get(client) ?? []
  }

  recent(client: string): Recent | undefined {
    const all = this.history(client)
    const playing = all.slice(-usualReadings).filter(({ state }) => state === 'playing')
    const late = playing.map(({ lateUs }) => lateUs).sort((a, b) => a - b)
    const first = all[0]
    const last = all.at(-1)
    if (first === undefined || last === undefined) return undefined
    return {
      usualLateUs: late.length < usualReadings / 2 ? undefined : late[late.length >> 1],
      spreadUs: (late[(late.length * 3) >> 2] ?? 0) - (late[late.length >> 2] ?? 0),
      dropouts: Math.max(0, last.starvations + last.underruns - first.starvations - first.underruns),
      minutes: Math.max(1, Math.round((last.at - first.at) / 60e6)),
    }
  }

  /** Asks for a change; what comes of it shows in the status, or as a notice. Resolves to whether it was done. */
  do(command: Command): Promise<boolean> {
    const request = ++this.#lastId
    return new Promise((resolve) => {
      if (!this.#send(JSON.stringify({ ...command, request }))) {
        this.notify('The music server cannot be reached just now. Trying again…')
        resolve(false)
        return
      }
      this.#waiting.set(request, (answer) => {
        if ('error' in answer) this.notify(sentence(answer.error.message))
        resolve(!('error' in answer))
      })
    })
  }

  /** Takes in what the server says. */
  hear(saying: ServerSaying): void {
    switch (saying.type) {
      case 'status':
        batch(() => this.#update(saying.status))
        break
      case 'readings':
        this.#note(saying.readings)
        break
      case 'answer':
        this.#waiting.get(saying.request)?.(saying)
        this.#waiting.delete(saying.request)
        break
      case 'event': {
        const text = describe(saying.event)
        if (text !== undefined) this.notify(text)
      }
    }
  }

  /** The connection is gone: nothing that was asked will be answered. */
  lost(): void {
    for (const [request, settle] of this.#waiting) {
      settle({
        type: 'answer',
        request,
        error: { code: 'lost', message: 'the connection broke; it may not have arrived' },
      })
    }
    this.#waiting.clear()
    this.link.value = this.link.peek() === 'locked' ? 'locked' : 'lost'
  }

  notify(text: string): void {
    const others = this.notices.peek().filter((notice) => notice.text !== text)
    this.notices.value = [...others, { id: ++this.#lastId, text }].slice(-mostNotices)
  }

  dismiss(id: number): void {
    this.notices.value = this.notices.peek().filter((notice) => notice.id !== id)
  }

  #update(status: ServerStatus): void {
    const restarted = status.at < (this.status.peek()?.at ?? 0)
    this.#receivedAtMs = this.#now()
    this.status.value = status
    this.link.value = 'open'
    const here = new Set(status.groups.flatMap(({ clients }) => clients.map(({ id }) => id)))
    const gone = [...this.#history.keys()].filter((id) => restarted || !here.has(id))
    if (gone.length === 0) return
    for (const id of gone) this.#history.delete(id)
    this.readings.value = new Map([...this.readings.peek()].filter(([id]) => !gone.includes(id)))
  }

  #note(readings: readonly Reading[]): void {
    const latest = new Map(this.readings.peek())
    for (const reading of readings) {
      latest.set(reading.client, reading)
      const past = this.#history.get(reading.client) ?? []
      this.#history.set(reading.client, past)
      if (past.length === keptReadings) past.shift()
      past.push(reading)
    }
    this.readings.value = latest
  }
}

/** The group people most likely mean: one that plays, else the one with most rooms at home. */
function busiest(groups: readonly GroupStatus[]): GroupStatus | undefined {
  const weight = (group: GroupStatus): number =>
    (group.state === 'playing' ? 1e6 : 0) +
    group.clients.filter(isRoom).length * 1e3 +
    Math.min(group.queue.length, 999)
  return [...groups].sort((a, b) => weight(b) - weight(a))[0]
}

/** Whether music can be heard there now. */
export function isRoom(client: ClientStatus): boolean {
  return client.isPlayer && client.isConnected
}

/** What happened, if a person should know. */
function describe(event: ServerEvent): string | undefined {
  switch (event.type) {
    case 'trackSkipped':
      return `Skipped ${fileName(event.location)}: ${event.reason}`
    case 'trackBroken':
      return `${fileName(event.location)} broke off: ${event.reason}`
    case 'nothingPlayable':
      return 'None of the tracks can be played.'
    case 'playbackAbandoned':
      return 'The music waits: no room was there to hear it.'
    case 'noCommonFormat':
      return `${event.name} understands no audio format this server makes.`
    default:
      return undefined
  }
}

function fileName(location: string): string {
  return location.split(/[/\\]/).at(-1) || location
}
