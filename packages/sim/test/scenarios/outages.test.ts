/** A room loses its network, or a server its life: for how long that is heard, where, and what it costs. */
import { expect } from 'chai'
import { House } from '../../src/house.js'
import { defaultScenario, type Scenario } from '../../src/scenario.js'

const atS = 60
const away = 1

interface Heard {
  /** Silences of the room that was away, and the longest, in seconds. */
  readonly silences: number
  readonly longestS: number
  /** Silences and jumps of all others. */
  readonly others: number
  readonly connections: readonly number[]
  readonly inStepSinceS: number | undefined
}

/** Two minutes in a house where one room loses its network after one. */
function hear(forS: number, changes: Partial<Scenario> & { readonly isLive: boolean }): Heard {
  const { isLive, ...scenario } = changes
  const faults = forS === 0 ? [] : [{ type: 'loseNetwork', room: away, atS, forS } as const]
  const house = new House({ ...defaultScenario, hours: 2 / 60, faults, ...scenario })
  house.runUntil(1.5)
  if (isLive) house.server.queue(true)
  house.runUntil(120)
  const disturbed = house.rooms.map(({ ear }) => ear.gaps.count + ear.jumps.count)
  return {
    silences: disturbed[away]!,
    longestS: house.rooms[away]!.ear.gaps.longestUs / 1e6,
    others: disturbed.reduce((sum, count, room) => (room === away ? sum : sum + count), 0),
    connections: house.rooms.map(({ player, clock }) => player.status(clock.now()).connections),
    inStepSinceS: house.report().inStepSinceS,
  }
}

describe('An outage of one room', function () {
  this.timeout(60_000)
  for (const network of ['quiet-lan', 'home-wifi'] as const)
    for (const seed of [1, 2, 3]) {
      it(`of up to four seconds is not heard at all in music from a file (${network}, seed ${seed})`, () => {
        for (const forS of [0.6, 2, 4]) {
          const { silences, others, inStepSinceS } = hear(forS, { isLive: false, network, seed })
          expect({ silences, others }, `${forS} s`).to.deep.equal({ silences: 0, others: 0 })
          expect(inStepSinceS).to.be.below(5)
        }
      })

      it(`is over in live music half a second after the network is back (${network}, seed ${seed})`, () => {
        for (const forS of [2, 4]) {
          const { silences, longestS, others, connections } = hear(forS, { isLive: true, network, seed })
          expect({ silences, others, connections }, `${forS} s`).to.deep.equal({
            silences: 1,
            others: 0,
            connections: [1, 2, 1, 1],
          })
          expect(longestS, `${forS} s`).to.be.below(forS + 0.5)
        }
      })
    }

  it('of 0.6 s needs no other connection, and TCP has repeated what was lost', () => {
    for (const seed of [1, 2, 3]) {
      const { connections, longestS } = hear(0.6, { isLive: true, network: 'home-wifi', seed })
      expect(connections).to.deep.equal([1, 1, 1, 1])
      expect(longestS).to.be.below(0.6)
    }
  })

  it('of twenty seconds is over within two seconds, with one silence', () => {
    for (const isLive of [true, false]) {
      const { silences, longestS, others } = hear(20, { isLive, network: 'home-wifi', seed: 1 })
      expect({ silences, others }).to.deep.equal({ silences: 1, others: 0 })
      expect(longestS).to.be.below(22)
    }
  })
})

describe('A network that is only bad', function () {
  this.timeout(60_000)
  for (const network of ['busy-wifi', 'microwave-on', 'power-save'] as const) {
    it(`costs nobody a connection (${network})`, () => {
      for (const isLive of [true, false])
        for (const seed of [1, 2]) {
          const { connections } = hear(0, { isLive, network, seed })
          expect(connections).to.deep.equal([1, 1, 1, 1])
        }
    })
  }

  it('costs a room less than one connection in half an hour at the edge of its range', () => {
    let spare = 0
    for (const seed of [1, 2]) {
      const house = new House({ ...defaultScenario, hours: 10 / 60, network: 'edge-of-range', seed })
      house.runUntil(1.5)
      house.server.queue(true)
      house.runUntil(600)
      for (const { player, clock } of house.rooms) spare += player.status(clock.now()).connections - 1
    }
    expect(spare).to.be.at.most(2)
  })
})
