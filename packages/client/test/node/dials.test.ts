/** Connections to a server that takes them and never says a word. What is asserted holds however slow the machine is. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import { expect } from 'chai'
import { Dials } from '../../src/node/dials.js'

const clock = new MonotonicClock()
const timers = new MonotonicTimers(clock)

describe('Dials', () => {
  let server: Server
  let url: string
  let dials: Dials
  const sockets = new Set<Socket>()
  let taken = 0
  let closed: string[]

  beforeEach(async () => {
    taken = 0
    closed = []
    server = createServer((socket) => {
      taken++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      socket.resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/sendspin`
    const listener = { received: () => undefined, closed: ({ reason }: { reason: string }) => void closed.push(reason) }
    dials = new Dials(() => listener, { clock, timers, maxFrameBytes: 1e6, maxBufferedBytes: 1e6, heartbeatUs: 30e6 })
  })
  afterEach(() => {
    dials.close()
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

  it('says of each try that it has failed', async () => {
    await dial(1)
    for (const socket of sockets) socket.destroy()
    await until(() => closed.length === 1)
  })
})
