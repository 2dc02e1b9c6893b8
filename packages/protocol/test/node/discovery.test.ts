import { createSocket } from 'node:dgram'
import { once } from 'node:events'
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

const clock = new MonotonicClock()
const timers = new MonotonicTimers(clock, { keepsProcessAlive: false })
const loopback = () => [{ address: '127.0.0.1', netmask: '255.0.0.0' }]

function optionsTelling(problems: string[]): MulticastOptions {
  return { clock, timers, interfaces: loopback, onProblem: (problem) => problems.push(problem) }
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

describe('discovery', () => {
  const closing: { close(): Promise<void> }[] = []
  const unique = `${process.pid}-${clock.now()}` // others may be running this test on the same machine
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close()
  })

  it('finds a player on the same machine, and loses it when it says goodbye', async () => {
    const problems: string[] = []
    const heard = new Heard()
    const id = `kitchen-${unique}`
    const player = advertise(
      { kind: 'player', id, name: 'Küche', port: 8928, path: '/sendspin' },
      optionsTelling(problems),
    )
    closing.push(new Discovery('player', heard, optionsTelling(problems)))
    await heard.until((services) => services.has(id))
    expect(heard.services.get(id)).to.include({ id, name: 'Küche' })
    expect(heard.services.get(id)?.url).to.match(/^ws:\/\/[\d.]+:8928\/sendspin$/)
    await player.close()
    await heard.until((services) => !services.has(id))
    expect(problems).to.deep.equal([])
  })

  it('finds one that appears later, and servers are not players', async () => {
    const players = new Heard()
    const servers = new Heard()
    const id = `house-${unique}`
    closing.push(new Discovery('player', players, optionsTelling([])))
    closing.push(new Discovery('server', servers, optionsTelling([])))
    closing.push(advertise({ kind: 'server', id, name: 'House', port: 8927, path: '/a' }, optionsTelling([])))
    await servers.until((services) => services.has(id))
    expect(servers.services.get(id)?.url).to.match(/:8927\/a$/)
    expect(players.services.has(id)).to.equal(false)
  })

  it('says once that a socket cannot be had, and lives on', async () => {
    const problems: string[] = []
    const taken = createSocket({ type: 'udp4', reuseAddr: false })
    taken.bind(5353)
    const outcome = await Promise.race([once(taken, 'listening'), once(taken, 'error')])
    const options = optionsTelling(problems)
    const discovery = new Discovery('player', new Heard(), {
      ...options,
      interfaces: () => [{ address: '203.0.113.77', netmask: '255.255.255.0' }], // not an address of this machine
      onProblem: (problem) => problems.push(problem),
    })
    closing.push(discovery)
    expect(outcome).to.be.an('array')
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (taken) taken.close()
    expect(problems.length).to.be.at.most(1)
  })
})
