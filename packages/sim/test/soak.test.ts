import { expect } from 'chai'
import { defaultScenario, type Fault } from '../src/scenario.js'
import { soak, watch } from '../src/soak.js'
import { planSoak, type SoakPlan } from '../src/soak-plan.js'

describe('soak', () => {
  it('draws the same day for the same seed, and another for another', () => {
    const settings = { rooms: 4, hours: 24, seed: 7, live: false }
    expect(planSoak(settings)).to.deep.equal(planSoak(settings))
    expect(planSoak({ ...settings, seed: 8 }).scenario.faults).to.not.deep.equal(planSoak(settings).scenario.faults)
  })

  it('draws every kind of fault in a day, and leaves each trial the time to be judged', () => {
    const { scenario, trials } = planSoak({ rooms: 8, hours: 24, seed: 1, live: false })
    expect(new Set(scenario.faults.map(({ type }) => type)).size).to.equal(9)
    expect(scenario.faults.length).to.be.above(200)
    trials.forEach(({ faults, beginsAtS, endsAtS, deadlineS }, i) => {
      const rooms = faults.flatMap((fault) => ('room' in fault ? [fault.room] : []))
      expect(new Set(rooms).size).to.equal(rooms.length)
      expect(endsAtS).to.be.at.least(beginsAtS)
      expect(deadlineS).to.be.above(endsAtS)
      expect(beginsAtS).to.be.above(i === 0 ? 0 : trials[i - 1]!.deadlineS)
    })
  })

  it('sees every network and every card in 24 days', () => {
    const days = Array.from({ length: 24 }, (_, seed) => planSoak({ rooms: 2, hours: 0.1, seed, live: false }).scenario)
    expect(new Set(days.map(({ network, card }) => `${network} ${card}`)).size).to.equal(24)
  })

  describe('hears what no trial explains', () => {
    /** Six minutes with one trial, and something that happens besides. */
    const withTrial = (besides: Fault): SoakPlan => {
      const trial: Fault = { type: 'changeCard', room: 0, atS: 120, card: 'i2s' }
      return {
        scenario: { ...defaultScenario, hours: 0.1, network: 'home-wifi', faults: [trial, besides] },
        trials: [{ faults: [trial], beginsAtS: 120, endsAtS: 120, deadlineS: 180 }],
        onFromS: [0, 0, 0, 0],
      }
    }

    it('of a room that nothing should have happened to', () => {
      const { failures } = watch(withTrial({ type: 'freezeRoom', room: 2, atS: 125, forS: 20 }))
      expect(failures.map(({ text }) => text)).to.deep.equal([
        'wrong for 2 s, and nothing happened to them: room 2 silent',
      ])
    })

    it('of a house that never plays again', () => {
      const { failures } = watch(withTrial({ type: 'killServer', atS: 150, forS: 1000 }))
      expect(failures.map(({ text }) => text)).to.deep.equal([
        'wrong for 2 s, and nothing happened to them: room 1, 2, 3 silent',
        'not in step 60 s after changeCard at 120.0 s (room 0, card i2s): room 0, 1, 2, 3 silent',
        'wrong for 2 s, and no fault explains it: room 0, 1, 2, 3 silent',
      ])
    })

    it('of a room out of step', () => {
      const { failures } = watch(withTrial({ type: 'stepClock', room: 3, atS: 240, byMs: 1.5 }))
      expect(failures).to.have.length.above(0)
      for (const { text } of failures)
        expect(text).to.match(/^wrong for 2 s, and no fault explains it: spread \d+ µs; .*3: /)
    })

    it('of a room that has nothing in store', () => {
      const { failures } = watch(withTrial({ type: 'loseNetwork', room: 1, atS: 240, forS: 4.4 }))
      expect(failures.map(({ text }) => text)).to.have.lengthOf(1)
      expect(failures[0]!.text).to.match(/^wrong for 2 s, and no fault explains it: room 1 holds only \d+ ms of audio$/)
    })
  })

  describe('of a line input', () => {
    /** Six minutes with one trial, and a room that loses the network for so long, so soon before the rooms are judged. */
    const withOutage = (beforeS: number, forS: number): readonly string[] => {
      const trial: Fault = { type: 'changeCard', room: 0, atS: 120, card: 'i2s' }
      const outage: Fault = { type: 'loseNetwork', room: 0, atS: 180 - beforeS, forS }
      const { failures } = watch({
        scenario: { ...defaultScenario, hours: 0.1, network: 'home-wifi', live: true, faults: [trial, outage] },
        trials: [{ faults: [trial], beginsAtS: 120, endsAtS: 120, deadlineS: 180 }],
        onFromS: [0, 0, 0, 0],
      })
      return failures.map(({ text }) => text)
    }

    it('takes a short silence for the network’s own, also just before a trial is judged', () => {
      expect(withOutage(3, 1)).to.deep.equal([])
      expect(withOutage(1, 1)).to.deep.equal([])
    })

    it('but no long one, whether it is over by then or not', () => {
      const after = 'changeCard at 120.0 s (room 0, card i2s)'
      expect(withOutage(5, 3)).to.deep.equal([`not in step 60 s after ${after}: only just`])
      expect(withOutage(1, 20)).to.deep.equal(['wrong for 2 s, and no fault explains it: room 0 silent'])
    })

    it('nor one that lasts since what was tried', () => {
      const after = 'changeCard at 120.0 s (room 0, card i2s)'
      expect(withOutage(60, 58)).to.deep.equal([
        `not in step 60 s after ${after}: room 0 silent`,
        'wrong for 2 s, and no fault explains it: room 0 silent',
      ])
    })
  })

  for (const { seed, live } of [
    { seed: 1, live: false },
    { seed: 3, live: false },
    { seed: 5, live: false },
    { seed: 2, live: true },
    { seed: 6, live: true },
  ]) {
    it(`holds its bounds for an hour with seed ${seed}${live ? ' and a line input' : ''}`, function () {
      this.timeout(60_000)
      const { failures, trials, recoveryS } = soak({ rooms: 4, hours: 1, seed, live })
      expect(failures).to.deep.equal([])
      expect(trials).to.be.above(3)
      expect(recoveryS.max).to.be.above(0)
    })
  }
})
