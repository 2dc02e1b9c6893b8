import { expect } from 'chai'
import { ServerSockets, type SocketNews } from '../src/server-sockets.js'
import type { Down } from '../src/wire.js'
import { World } from '../src/world.js'

/** The sockets of a server with one room, which hears `said` and whose network holds `held` bytes. */
function connected() {
  const world = new World()
  const said: Down['kind'][] = []
  const news: SocketNews[] = []
  const network = { held: 0 }
  const wire = { send: (item: Down) => said.push(item.kind), bytesInFlight: () => network.held }
  const sockets = new ServerSockets(world, [wire], (one) => news.push(one))
  sockets.listen()
  sockets.receive(0, { kind: 'dial', session: 1, round: 1 })
  sockets.receive(0, { kind: 'dial', session: 1, round: 2 })
  return { world, sockets, said, news, network }
}

const message = { type: 'client/time', payload: { client_transmitted: 1 } } as const

describe('ServerSockets', () => {
  it('take a connection once it is upgraded, and lose it when it is closed', () => {
    const { sockets, said, news } = connected()
    expect(said).to.deep.equal(['accepted', 'accepted'])
    sockets.receive(0, { kind: 'message', session: 1, message })
    sockets.receive(0, { kind: 'closed', session: 1 })
    expect(news.map(({ type }) => type)).to.deep.equal(['connected', 'message', 'disconnected'])
    sockets.send(1, { type: 'group/update', payload: {} })
    expect(said).to.have.length(2)
  })

  it('reset what comes over a connection that is not known, and refuse all when the process has died', () => {
    const { sockets, said, news } = connected()
    sockets.die()
    sockets.receive(0, { kind: 'message', session: 1, message })
    sockets.receive(0, { kind: 'dial', session: 2, round: 1 })
    expect(said.slice(2)).to.deep.equal(['closed', 'closed', 'closed'])
    expect(news).to.have.length(1)
  })

  it('lose a connection that was silent from one heartbeat to the next', () => {
    const { world, news } = connected()
    world.runUntil(59e6)
    expect(news.at(-1)!.type).to.equal('connected')
    world.runUntil(61e6)
    expect(news.at(-1)!.type).to.equal('disconnected')
  })

  it('tell of congestion when a socket holds a megabyte, and of its end when it holds half of one', () => {
    const { world, sockets, news, network } = connected()
    const congestion = () => news.flatMap((one) => (one.type === 'congestion' ? [one.isCongested] : []))
    network.held = 1_000_000
    sockets.sendAudio(1, [])
    sockets.sendAudio(1, [])
    network.held = 500_001
    world.runUntil(1e6)
    expect(congestion()).to.deep.equal([true])
    network.held = 500_000
    world.runUntil(2e6)
    expect(congestion()).to.deep.equal([true, false])
  })
})
