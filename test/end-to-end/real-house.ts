/** A coordinator and rooms as real processes over loopback, which can be killed, stopped and started like real ones. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { path, RoomComparison, RoomProcess, virtualCard } from '@tutti/tutti'

const program = fileURLToPath(new URL('../../../packages/tutti/dist/src/main.js', import.meta.url))

export interface RoomTraits {
  readonly name: string
  /** Speed of its sound card's crystal and of its computer's clock. */
  readonly crystalPpm: number
  readonly clockPpm: number
}

export class RealHouse {
  readonly #folder: string
  readonly #port: number
  readonly #rooms = new Map<string, RoomProcess>()
  readonly #comparisons = new Set<RoomComparison>()
  readonly problems: string[] = []
  #server: ChildProcess | undefined

  static async open(folder: string): Promise<RealHouse> {
    const house = new RealHouse(folder, await freePort())
    await house.startServer()
    return house
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.#port = port
  }

  /** Starts the coordinator; after a kill it finds what it had to play where it left it. */
  async startServer(): Promise<void> {
    const options = ['--port', String(this.#port), '--host', '127.0.0.1', '--state', this.#folder]
    const server = spawn(
      process.execPath,
      [program, 'serve', ...options, '--no-discovery', '--control', 'none', '--json'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.#server = server
    server.stderr.setEncoding('utf8').on('data', (text: string) => this.problems.push(text))
    for await (const line of createInterface(server.stdout)) {
      if (JSON.parse(line).type !== 'listening') continue
      server.stdout.resume()
      return
    }
    throw new Error(`the server did not start: ${this.problems.join('')}`)
  }

  /** As a power cut would. */
  async killServer(): Promise<void> {
    this.#server!.kill('SIGKILL')
    await once(this.#server!, 'exit')
  }

  addRoom({ name, crystalPpm, clockPpm }: RoomTraits): RoomProcess {
    const index = this.#rooms.size + 1
    const spec = {
      name,
      url: `ws://127.0.0.1:${this.#port}${path}`,
      output: virtualCard(crystalPpm, index),
      skew: { offsetUs: index * 7_654_321_000, ppm: clockPpm },
      orphanFolder: undefined,
    }
    const room = new RoomProcess(spec, {
      heard: (hearing) => {
        for (const comparison of this.#comparisons) comparison.add(name, hearing)
      },
      problem: (text) => this.problems.push(text),
    })
    this.#rooms.set(name, room)
    return room
  }

  /** Stops the room's process for a while, as a machine far too busy would. */
  async freezeRoom(name: string, seconds: number): Promise<void> {
    const { pid } = this.#rooms.get(name)!
    process.kill(pid!, 'SIGSTOP')
    await sleep(seconds * 1000)
    process.kill(pid!, 'SIGCONT')
  }

  /**
   * Spreads of all rooms, in µs, at the instants of `seconds` of real time in which every room is heard all the time.
   * Waits for such a time up to `patienceS`.
   */
  async hear(seconds: number, patienceS: number): Promise<readonly number[]> {
    const comparison = new RoomComparison([...this.#rooms.keys()])
    this.#comparisons.add(comparison)
    const deadline = Date.now() + patienceS * 1000
    let spreads: number[] = []
    while (spreads.length < seconds * 10) {
      if (Date.now() > deadline) throw new Error(`not every room was heard for ${seconds} s: ${this.#describe()}`)
      await sleep(100)
      for (const { spreadUs } of comparison.compare(Number(process.hrtime.bigint()) / 1000)) {
        if (spreadUs === undefined) spreads = []
        else spreads.push(spreadUs)
      }
    }
    this.#comparisons.delete(comparison)
    return spreads
  }

  async close(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.stop()))
    const server = this.#server
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
  }

  #describe(): string {
    const states = [...this.#rooms].map(([name, { status }]) => `${name} is ${status?.state ?? 'starting'}`)
    return [...states, ...this.problems].join('; ')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
