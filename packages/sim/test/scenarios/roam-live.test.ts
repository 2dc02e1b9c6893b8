import { expect } from 'chai'
import { House } from '../../src/house.js'
import { defaultScenario } from '../../src/scenario.js'

const minutes = 1 / 60
const outage = { room: 0, atS: 75, forS: 4 } as const

/** A live programme on Wi-Fi; the first room loses the network for longer than any live buffer. */
function roam(seed: number): House {
  const house = new House({
    ...defaultScenario,
    rooms: 3,
    hours: 3 * minutes,
    seed,
    network: 'home-wifi',
    codec: 'pcm',
    faults: [{ type: 'loseNetwork', ...outage }],
  })
  house.runUntil(1.5)
  house.server.queue(true)
  return house
}

/** Runs on in steps of 2 ms until `room` is heard, or not heard; seconds of true time. */
function runUntil(house: House, room: number, isHeard: boolean, fromS: number, untilS: number): number {
  for (let atS = fromS; atS < untilS; atS += 0.002) {
    house.runUntil(atS)
    if ((house.rooms[room]!.ear.lateUsAt(atS * 1e6) !== undefined) === isHeard) return atS
  }
  return Number.NaN
}

describe('A room that roams out of a live programme', () => {
  for (const seed of [1, 2, 3]) {
    it(`is in step from its first sound on, and the others hear nothing of it (seed ${seed})`, function () {
      this.timeout(60_000)
      const house = roam(seed)
      house.runUntil(outage.atS)
      const before = house.rooms.map(({ ear }) => ({ gaps: ear.gaps.count, jumps: ear.jumps.count }))
      const silentAtS = runUntil(house, outage.room, false, outage.atS, outage.atS + outage.forS)
      expect(silentAtS - outage.atS).to.be.within(0.1, 2)
      const backAtS = runUntil(house, outage.room, true, silentAtS + 0.1, 120)
      expect(backAtS - outage.atS - outage.forS).to.be.below(0.7)
      const lateUs = house.rooms.map(({ ear }) => ear.lateUsAt(backAtS * 1e6)!)
      expect(Math.max(...lateUs) - Math.min(...lateUs)).to.be.below(300)
      house.runUntil(180)
      for (const [i, { ear }] of house.rooms.entries()) {
        if (i !== outage.room) expect({ gaps: ear.gaps.count, jumps: ear.jumps.count }).to.deep.equal(before[i])
        else expect(ear.gaps.count - before[i]!.gaps).to.equal(1)
      }
      expect(house.report().inStepSinceS).to.be.below(backAtS + 0.01)
    })
  }
})
