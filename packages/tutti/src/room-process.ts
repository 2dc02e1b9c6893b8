/** A room in a child process, as seen from outside: what it reports, and its end. */
import { type ChildProcess, fork } from 'node:child_process'
import type { PlayerStatus } from '@tutti/client'
import type { RoomOrder, RoomReport, RoomSpec } from './demo-room.js'
import type { Hearing } from './room-comparison.js'
import { smallHeap } from './small-heap.js'

export interface RoomListener {
  heard(hearing: Hearing): void
  /** One line for people. */
  problem(text: string): void
}

const entry = new URL('./demo-room.js', import.meta.url)
const stopPatienceMs = 4_000
/** What a room says before it dies of a bug; only the end is kept. */
const mostLastWords = 2_000

export class RoomProcess {
  readonly spec: RoomSpec
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #status: PlayerStatus | undefined
  #isStopping = false
  #hasEnded = false
  #lastWords = ''

  constructor(spec: RoomSpec, listener: RoomListener) {
    this.spec = spec
    // Numbers that are not numbers (silence is NaN) do not survive JSON.
    this.#child = fork(entry, [JSON.stringify(spec)], {
      execArgv: [...process.execArgv, ...smallHeap],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-mostLastWords)
    })
    this.#child.on('message', (report: RoomReport) => {
      if (report.type === 'hearing') listener.heard(report.hearing)
      else if (report.type === 'status') this.#status = report.status
      else listener.problem(`${spec.name}: ${report.text}`)
    })
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#hasEnded = true
        resolve()
        if (this.#isStopping) return
        const words = this.#lastWords.trim().split('\n').at(-1)
        listener.problem(`${spec.name} ended by itself (${signal ?? `code ${code}`})${words ? `: ${words}` : ''}`)
      })
    })
    this.#child.on('error', (error) => listener.problem(`${spec.name}: ${error.message}`))
  }

  /** What the player believes; undefined until its first report. */
  get status(): PlayerStatus | undefined {
    return this.#status
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves when the process is gone, by force if need be. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#hasEnded) return
    const order: RoomOrder = { type: 'stop' }
    if (this.#child.connected) this.#child.send(order, () => undefined) // one that is dying needs no order
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), stopPatienceMs)
    await this.#ended
    clearTimeout(patience)
  }
}
