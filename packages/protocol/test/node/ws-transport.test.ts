import { once } from 'node:events'
import { createServer, connect as dialTcp, type Socket } from 'node:net'
import { expect } from 'chai'
import type { Attach } from '../../src/index.js'
import {
  connectWebSocket,
  type ListenOptions,
  listenWebSocket,
  MonotonicClock,
  MonotonicTimers,
  type WsListener,
} from '../../src/node/index.js'
import { HandTime } from '../hand-time.js'
import { describeTransport, RecordingEnd } from '../transport-contract.js'

const clock = new MonotonicClock()
const timers = new MonotonicTimers(clock)
const options: ListenOptions = {
  clock,
  timers,
  maxFrameBytes: 100_000,
  maxBufferedBytes: 400_000,
  heartbeatUs: 30_000_000,
  host: '127.0.0.1',
  port: 0,
  path: '/sendspin',
  maxConnections: 10,
}

let listener: WsListener | undefined
async function listen(answer: Attach, changes: Partial<ListenOptions> = {}): Promise<string> {
  listener = await listenWebSocket(() => answer, { ...options, ...changes })
  return `ws://127.0.0.1:${listener.port}/sendspin`
}
async function stop(): Promise<void> {
  await listener?.close(1001, 'stopping')
  listener = undefined
}

function recorder(): { attach: Attach; end: () => RecordingEnd } {
  let recorded: RecordingEnd | undefined
  return {
    attach: (transport) => {
      recorded = new RecordingEnd(transport)
      return recorded
    },
    end: () => recorded as RecordingEnd,
  }
}

async function ending(url: string): Promise<RecordingEnd['ending']> {
  const { attach, end } = recorder()
  connectWebSocket(url, attach, options)
  await end().until(({ ending }) => ending !== undefined)
  return end().ending
}

describeTransport(
  'a WebSocket on loopback',
  async () => ({
    maxBufferedBytes: options.maxBufferedBytes,
    maxFrameBytes: options.maxFrameBytes,
    async connect(dial, answer) {
      const url = await listen(answer)
      await new Promise<void>((resolve) => {
        connectWebSocket(
          url,
          (transport) => {
            const end = dial(transport)
            return {
              opened: () => {
                end.opened?.()
                resolve()
              },
              received: (frame, at) => end.received(frame, at),
              closed: (how) => end.closed(how),
            }
          },
          options,
        )
      })
    },
  }),
  stop,
)

describe('connectWebSocket', () => {
  afterEach(stop)

  it('reports a server that is not there as an ending, not an exception', async () => {
    const how = await ending('ws://127.0.0.1:1/sendspin')
    expect(how).to.include({ by: 'network', code: 1006 })
    expect(how?.reason).to.match(/ECONNREFUSED/)
  })

  it('reports a wrong path by its status', async () => {
    const url = await listen(recorder().attach)
    expect((await ending(url.replace('sendspin', 'elsewhere')))?.reason).to.match(/404/)
  })

  it('reports a request the server does not permit', async () => {
    const url = await listen(recorder().attach, { permits: ({ headers }) => headers.origin === 'http://room' })
    expect((await ending(url))?.reason).to.match(/403/)
  })

  it('can be closed while still dialling', async () => {
    const url = await listen(recorder().attach)
    const { attach, end } = recorder()
    connectWebSocket(url, attach, options).close(4400, 'changed my mind')
    await end().until((it) => it.ending !== undefined)
    expect(end().ending).to.deep.equal({ by: 'us', code: 4400, reason: 'changed my mind' })
    expect(end().openings).to.equal(0)
  })

  it('cuts a reason that is too long for a close frame instead of failing', async () => {
    const there = recorder()
    const here = recorder()
    connectWebSocket(await listen(there.attach), here.attach, options)
    await here.end().until(({ openings }) => openings === 1)
    here.end().transport.close(4400, 'ü'.repeat(200))
    await there.end().until((it) => it.ending !== undefined)
    expect(there.end().ending?.reason).to.equal('ü'.repeat(61))
  })
})

describe('listenWebSocket', () => {
  afterEach(stop)

  it('says which port is taken and what to do', async () => {
    await listen(recorder().attach)
    const error = await listenWebSocket(() => recorder().attach, { ...options, port: listener?.port ?? 0 }).catch(
      (failure: Error) => failure,
    )
    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/^port \d+ on 127.0.0.1 is taken: .*choose/)
  })

  it('ends a connection whose frame is too large with a reason, and lives on', async () => {
    const there = recorder()
    const here = recorder()
    const url = await listen(there.attach)
    connectWebSocket(url, here.attach, { ...options, maxFrameBytes: 1_000_000 })
    await here.end().until(({ openings }) => openings === 1)
    here.end().transport.send(new Uint8Array(options.maxFrameBytes + 1))
    await there.end().until((it) => it.ending !== undefined)
    expect(there.end().ending).to.include({ by: 'us', code: 4413 })
    expect(there.end().frames).to.deep.equal([])
    await here.end().until((it) => it.ending !== undefined)
    expect(here.end().ending).to.include({ by: 'peer', code: 1009 })
    const again = recorder()
    connectWebSocket(url, again.attach, options)
    await again.end().until(({ openings }) => openings === 1)
  })

  it('survives bytes that are neither HTTP nor WebSocket', async () => {
    const there = recorder()
    const url = await listen(there.attach)
    for (const noise of [
      '\x00\x01\x02\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /sendspin HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ]) {
      const socket = dialTcp(listener?.port ?? 0, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.end(noise)
      await once(socket, 'close')
    }
    const here = recorder()
    connectWebSocket(url, here.attach, options)
    await here.end().until(({ openings }) => openings === 1)
  })
})

describe('a batch from the listening side', () => {
  afterEach(stop)

  const frames = [1, 125, 126, 65_535, 65_536].map((length, i) => new Uint8Array(length).fill(i + 1))

  async function meet(url: string, there: { end: () => RecordingEnd }): Promise<[RecordingEnd, RecordingEnd]> {
    const here = recorder()
    connectWebSocket(url, here.attach, options)
    await here.end().until(({ openings }) => openings === 1)
    return [there.end(), here.end()]
  }

  it('arrives frame by frame, in order, whatever their lengths and with text between them', async () => {
    const there = recorder()
    const [sender, receiver] = await meet(await listen(there.attach), there)
    sender.transport.batch(() => {
      for (const frame of frames) expect(sender.transport.send(frame)).to.equal(true)
      sender.transport.send('between')
      sender.transport.send(frames[0]!)
    })
    sender.transport.send('after')
    await receiver.until((end) => end.frames.length === frames.length + 3)
    expect(receiver.frames.map(plain)).to.deep.equal([...frames, 'between', frames[0]!, 'after'].map(plain))
  })

  it('arrives at every peer when the same frames go to many, also when one gets fewer of them', async () => {
    const there = recorder()
    const url = await listen(there.attach)
    for (const count of [3, 3, 2, 3]) {
      const [sender, receiver] = await meet(url, there)
      sender.transport.batch(() => {
        for (const frame of frames.slice(0, count)) sender.transport.send(frame)
      })
      await receiver.until((end) => end.frames.length === count)
      expect(receiver.frames.map(plain)).to.deep.equal(frames.slice(0, count).map(plain))
    }
  })

  it('counts towards what may wait, and goes out before a close', async () => {
    const there = recorder()
    const [sender, receiver] = await meet(await listen(there.attach), there)
    sender.transport.batch(() => {
      const large = new Uint8Array(90_000)
      let taken = 0
      while (sender.transport.send(large)) taken++
      expect(taken).to.equal(4)
      expect(sender.transport.bufferedBytes).to.be.at.least(360_000)
      sender.transport.close(4400, 'enough')
    })
    await receiver.until(({ ending }) => ending !== undefined)
    expect(receiver.frames.length).to.equal(4)
    expect(receiver.ending).to.include({ code: 4400 })
  })
})

/** A Buffer and an array of the same bytes are not deeply equal. */
function plain(frame: string | Uint8Array): string {
  return typeof frame === 'string' ? frame : Buffer.from(frame).toString('base64')
}

describe('the receive time of a WebSocket frame', () => {
  afterEach(stop)

  it('is when its bytes left the socket, not when the frames before it had been dealt with', async () => {
    const time = new HandTime()
    const there = recorder()
    const slow: Attach = (transport) => {
      const end = there.attach(transport)
      return {
        received(frame, at) {
          end.received(frame, at)
          time.pass(500) // each frame takes half a millisecond to deal with
        },
        closed: (how) => end.closed(how),
      }
    }
    const here = recorder()
    connectWebSocket(await listen(slow, { clock: time, timers: time }), here.attach, options)
    await here.end().until(({ openings }) => openings === 1)
    here.end().transport.batch(() => {
      for (let i = 0; i < 20; i++) here.end().transport.send(new Uint8Array(50))
    })
    await there.end().until(({ frames }) => frames.length === 20)
    expect(there.end().times, 'one write of 1 kB is one read').to.deep.equal(Array(20).fill(0))
  })
})

describe('the heartbeat of a WebSocket', () => {
  const sockets = new Set<Socket>()
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await stop()
  })

  it('ends a connection whose peer has stopped answering, and keeps one whose peer answers', async () => {
    const time = new HandTime()
    const there = recorder()
    const url = await listen(there.attach, { clock: time, timers: time, heartbeatUs: 1000 })
    let deaf = false
    const relay = createServer((near) => {
      const far = dialTcp(listener?.port ?? 0, '127.0.0.1')
      for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
      near.on('data', (bytes) => far.write(bytes))
      far.on('data', (bytes) => void (deaf || near.write(bytes)))
    }).listen(0, '127.0.0.1')
    await once(relay, 'listening')
    const { port } = relay.address() as { port: number }
    const here = recorder()
    connectWebSocket(url.replace(/:\d+/, `:${port}`), here.attach, options)
    await here.end().until(({ openings }) => openings === 1)

    time.pass(1000) // pings
    here.end().transport.send('sign of life')
    await there.end().until(({ frames }) => frames.length === 1)
    deaf = true // the next ping goes nowhere, though the wire is up
    time.pass(1000)
    expect(there.end().ending).to.equal(undefined)
    time.pass(1000)
    await there.end().until((it) => it.ending !== undefined)
    expect(there.end().ending).to.deep.equal({ by: 'network', code: 4408, reason: 'no sign of life' })
    relay.close()
  })
})
