import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock, Timers } from '@tutti/clock'
import { Bonjour } from 'bonjour-service'
import { expect } from 'chai'
import {
  advertise,
  Discovery,
  type DiscoveryListener,
  type FoundService,
  MonotonicClock,
  MonotonicTimers,
  type MulticastOptions,
} from '../../src/node/index.js'
import { HandTime } from '../hand-time.js'

const clock = new MonotonicClock()
const timers = new MonotonicTimers(clock, { keepsProcessAlive: false })
/** Not the port of multicast DNS, so that a test neither disturbs the network nor is disturbed by it. */
const port = 20_000 + (process.pid % 20_000)

function options(problems: string[], time: { clock: Clock; timers: Timers } = { clock, timers }): MulticastOptions {
  return {
    ...time,
    port,
    interfaces: () => [{ address: '127.0.0.1', netmask: '255.0.0.0' }],
    onProblem: (problem) => problems.push(problem),
  }
}

class Heard implements DiscoveryListener {
  readonly services = new Map<string, FoundService>()
  #check = (): void => {}

  found(service: FoundService): void {
    this.services.set(service.id, service)
    this.#check()
  }

  lost(id: string): void {
    this.services.delete(id)
    this.#check()
  }

  until(condition: (services: ReadonlyMap<string, FoundService>) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (condition(this.services)) resolve()
      }
      this.#check()
    })
  }
}

const kitchen = { kind: 'player', id: 'kitchen', name: 'Küche', port: 8928, path: '/sendspin' } as const

describe('discovery', () => {
  const closing: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close()
  })

  it('finds a player on the same machine, and loses it when it says goodbye', async () => {
    const problems: string[] = []
    const heard = new Heard()
    const player = advertise(kitchen, options(problems))
    closing.push(new Discovery('player', heard, options(problems)))
    await heard.until((services) => services.has('kitchen'))
    expect([...heard.services.values()]).to.deep.equal([
      { id: 'kitchen', name: 'Küche', url: 'ws://127.0.0.1:8928/sendspin' },
    ])
    await player.close()
    await heard.until((services) => services.size === 0)
    expect(problems).to.deep.equal([])
  })

  it('finds one that appears later, and takes no server for a player', async () => {
    const [players, servers] = [new Heard(), new Heard()]
    closing.push(new Discovery('player', players, options([])))
    closing.push(new Discovery('server', servers, options([])))
    closing.push(advertise({ ...kitchen, kind: 'server', id: 'house', port: 8927, path: '/a' }, options([])))
    await servers.until((services) => services.has('house'))
    expect(servers.services.get('house')?.url).to.equal('ws://127.0.0.1:8927/a')
    expect(players.services.size).to.equal(0)
  })

  it('notices a known player’s new port', async () => {
    const heard = new Heard()
    const before = advertise(kitchen, options([]))
    closing.push(before, new Discovery('player', heard, options([])))
    await heard.until((services) => services.size === 1)
    closing.push(advertise({ ...kitchen, port: 9000 }, options([])))
    await heard.until((services) => services.get('kitchen')?.url === 'ws://127.0.0.1:9000/sendspin')
  })

  it('loses a player that dies without a word after some minutes of silence', async () => {
    const time = new HandTime()
    const heard = new Heard()
    const doomed = new Bonjour({ interface: '127.0.0.1', bind: '0.0.0.0', port } as object)
    doomed.publish({ name: 'kitchen', type: 'sendspin', port: 8928, txt: { path: '/sendspin' }, probe: false })
    closing.push(new Discovery('player', heard, options([], { clock: time, timers: time })))
    await heard.until((services) => services.size === 1)
    await new Promise<void>((resolve) => {
      doomed.destroy(resolve)
    })
    time.pass(60_000_000) // sweeps at 1, 4 and 14 s; it may just have been unlucky
    expect(heard.services.size).to.equal(1)
    time.pass(120_000_000)
    expect(heard.services.size).to.equal(0)
  })

  it('believes no announcement that cannot be dialled', async () => {
    const heard = new Heard()
    const strange = new Bonjour({ interface: '127.0.0.1', bind: '0.0.0.0', port } as object)
    const publish = (name: string, path: string): void =>
      void strange.publish({ name, type: 'sendspin', port: 8928, txt: { path }, probe: false })
    publish('elsewhere', 'http://evil/')
    publish('spaced', '/a b')
    publish('good', '/sendspin')
    closing.push(new Discovery('player', heard, options([])))
    await heard.until((services) => services.has('good'))
    expect([...heard.services.keys()]).to.deep.equal(['good'])
    await new Promise<void>((resolve) => {
      strange.destroy(resolve)
    })
  })

  it('says once that the port is taken, and tries again until it is free', async () => {
    const time = new HandTime()
    const problems: string[] = []
    const heard = new Heard()
    const taken = createSocket({ type: 'udp4', reuseAddr: false })
    taken.bind(port)
    await once(taken, 'listening')
    const said = new Promise<void>((resolve) => {
      const told = options(problems, { clock: time, timers: time })
      const onProblem = (problem: string): void => {
        problems.push(problem)
        resolve()
      }
      closing.push(new Discovery('player', heard, { ...told, onProblem }))
    })
    await said
    await new Promise<void>((resolve) => {
      taken.close(resolve)
    })
    expect(problems).to.have.length(1)
    expect(problems[0]).to.match(/^no discovery on 127.0.0.1: .*EADDRINUSE.*; peers there must be given by address$/)
    closing.push(advertise(kitchen, options(problems)))
    time.pass(5_000_000)
    await heard.until((services) => services.size === 1)
  })
})
