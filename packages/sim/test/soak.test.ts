import { expect } from 'chai'
import { soak } from '../src/soak.js'
import { planSoak } from '../src/soak-plan.js'

describe('soak', () => {
  it('draws the same day for the same seed, and another for another', () => {
    const settings = { rooms: 4, hours: 24, seed: 7 }
    expect(planSoak(settings)).to.deep.equal(planSoak(settings))
    expect(planSoak({ ...settings, seed: 8 }).scenario.faults).to.not.deep.equal(planSoak(settings).scenario.faults)
  })

  it('draws every kind of fault in a day, and leaves each trial the time to be judged', () => {
    const { scenario, trials } = planSoak({ rooms: 8, hours: 24, seed: 1 })
    expect(new Set(scenario.faults.map(({ type }) => type)).size).to.equal(8)
    expect(scenario.faults.length).to.be.above(200)
    trials.forEach(({ faults, beginsAtS, endsAtS, deadlineS }, i) => {
      const rooms = faults.flatMap((fault) => ('room' in fault ? [fault.room] : []))
      expect(new Set(rooms).size).to.equal(rooms.length)
      expect(endsAtS).to.be.at.least(beginsAtS)
      expect(deadlineS).to.be.above(endsAtS)
      expect(beginsAtS).to.be.above(i === 0 ? 0 : trials[i - 1]!.deadlineS)
    })
  })

  // Seeds that found something. 5: NTP slews two clocks at once and the device's line was lost; 9: a room's new card was
  // said to hold minutes of audio.
  for (const seed of [1, 5, 9]) {
    it(`holds its bounds for an hour with seed ${seed}`, function () {
      this.timeout(60_000)
      const { failures, trials, recoveryS } = soak({ rooms: 4, hours: 1, seed })
      expect(failures).to.deep.equal([])
      expect(trials).to.be.above(3)
      expect(recoveryS.max).to.be.above(0)
    })
  }
})
