/** Connections to a server that takes them and never says a word. What is asserted holds however slow the machine is. */
import { createHash } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { LocalUs } from '@tutti/clock'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import { expect } from 'chai'
import { Dials } from '../../src/node/dials.js'

const clock = new MonotonicClock()
const monotonic = new MonotonicTimers(clock)

describe('Dials', () => {
  /** What is to be done within two seconds waits here for the test. */
  let soon: (() => void)[]
  const timers = {
    wakeAt: (at: LocalUs, run: () => void): (() => void) => {
      if (at - clock.now() > 2e6) return monotonic.wakeAt(at, run)
      soon.push(run)
      return () => soon.splice(soon.indexOf(run) >>> 0, 1)
    },
  }
  let server: Server
  let url: string
  let dials: Dials
  const sockets = new Set<Socket>()
  /** What came over each. */
  const asked = new Map<Socket, string>()
  let taken = 0
  let closed: string[]

  beforeEach(async () => {
    taken = 0
    const endings: string[] = []
    closed = endings
    soon = []
    server = createServer((socket) => {
      taken++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      socket.on('data', (data) => asked.set(socket, `${asked.get(socket) ?? ''}${data}`))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/sendspin`
    const listener = {
      received: () => undefined,
      closed: ({ reason }: { reason: string }) => void endings.push(reason),
    }
    dials = new Dials(() => listener, { clock, timers, maxFrameBytes: 1e6, maxBufferedBytes: 1e6, heartbeatUs: 30e6 })
  })
  afterEach(async () => {
    dials.close()
    for (const socket of sockets) socket.destroy()
    await until(() => sockets.size === 0)
    server.close()
  })

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const dial = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const before = taken
      dials.dial(url)
      await until(() => taken > before)
    }
  }

  /** Answers an upgrade (RFC 6455, section 4.2.2). */
  const accept = async (socket: Socket): Promise<void> => {
    const keyOf = () => asked.get(socket)?.match(/sec-websocket-key: (.*)\r\n/i)?.[1]
    await until(() => keyOf() !== undefined)
    const key = createHash('sha1').update(`${keyOf()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`)
  }

  it('has four tries under way at most, and lets the oldest go', async () => {
    await dial(6)
    await until(() => sockets.size === 4)
    expect(closed).to.deep.equal(['no answer', 'no answer'])
  })

  it('gives up what has not opened, and leaves no socket behind', async () => {
    await dial(3)
    dials.stop()
    await until(() => sockets.size === 0)
    expect(closed).to.have.lengthOf(3)
  })

  it('tries another connection beside one that is long in coming, and three at most', async () => {
    await dial(1)
    for (let tries = 2; tries <= 4; tries++) {
      expect(soon).to.have.lengthOf(1)
      soon.shift()!()
      await until(() => taken === tries)
    }
    expect(soon).to.deep.equal([])
    dials.stop()
    await until(() => sockets.size === 0)
  })

  it('ends the others when one of them opens, and tries no more', async () => {
    await dial(1)
    soon.shift()!()
    await until(() => taken === 2)
    const [, second] = sockets
    await accept(second!)
    await until(() => closed.length === 1 && sockets.size === 1)
    expect([...sockets]).to.deep.equal([second])
    expect(soon).to.deep.equal([])
  })

  it('says of each try that it has failed', async () => {
    await dial(1)
    for (const socket of sockets) socket.destroy()
    await until(() => closed.length === 1)
  })
})
