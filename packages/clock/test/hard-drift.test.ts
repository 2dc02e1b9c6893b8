import { expect } from 'chai'
import { HardDrift, maxDriftPpm, maxSlewPpm } from '../src/hard-drift.js'

describe('HardDrift', () => {
  it('allows any rate of two crystals at first', () => {
    const drift = new HardDrift()
    drift.narrow(0, -100, 100)
    expect([drift.lowestPpm, drift.highestPpm]).to.deep.equal([-maxDriftPpm, maxDriftPpm])
  })

  it('narrows the rate to the width of the bounds by the time between them, and what the rate can have moved', () => {
    const drift = new HardDrift()
    drift.narrow(0, -100, 100)
    drift.narrow(100, -100, 100)
    expect(drift.highestPpm).to.be.closeTo(200 / 100 + 0.5 + 0.2, 1e-9)
    expect(drift.lowestPpm).to.be.closeTo(-(200 / 100 + 0.5 + 0.2), 1e-9)
  })

  it('contains a rate that creeps by 0.1 ppm a minute for an hour', () => {
    const drift = new HardDrift()
    for (let s = 0; s <= 3600; s++) {
      const offsetUs = 30 * s + ((0.1 / 60) * s * s) / 2
      drift.narrow(s, offsetUs - 100, offsetUs + 100)
      expect(30 + (0.1 / 60) * s).to.be.within(drift.lowestPpm, drift.highestPpm)
    }
    expect(drift.highestPpm - drift.lowestPpm).to.be.below(5)
  })

  it('allows any rate of a clock that is slewed when bounds leave none that crystals have', () => {
    const drift = new HardDrift()
    for (let s = 0; s <= 100; s++) drift.narrow(s, -1, 1)
    drift.narrow(101, 5000, 5001)
    const widestPpm = maxDriftPpm + maxSlewPpm
    expect([drift.lowestPpm, drift.highestPpm]).to.deep.equal([-widestPpm, widestPpm])
  })
})
