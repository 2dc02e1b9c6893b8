import { expect } from 'chai'
import { maxDriftPpm } from '../src/hard-drift.js'
import { HardInterval } from '../src/hard-interval.js'

describe('HardInterval', () => {
  it('keeps the tightest bound of each direction, though they come from different exchanges', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -500, 50)
    interval.narrow(0, 0, -20, 900)
    expect([interval.lowestUs, interval.highestUs]).to.deep.equal([-20, 50])
  })

  it('recedes as fast as two crystals can drift apart', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -100, 100)
    interval.narrow(10, 0, -1e6, 1e6)
    expect(interval.highestUs).to.equal(100 + 10 * maxDriftPpm)
    expect(interval.lowestUs).to.equal(-100 - 10 * maxDriftPpm)
  })

  it('recedes slower once bounds far apart in time have narrowed the rate', () => {
    const interval = new HardInterval()
    for (let s = 0; s <= 600; s += 1) interval.narrow(s, 0, 20 * s - 100, 20 * s + 100)
    expect(interval.drift.lowestPpm).to.be.within(17, 20)
    expect(interval.drift.highestPpm).to.be.within(20, 23)
  })

  it('does not move for one exchange that contradicts all others', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -100, 100)
    expect(interval.narrow(1, 0, 7000, 7100)).to.equal('contradicts')
    expect(interval.narrow(2, 0, -100, 100)).to.equal('consistent')
    expect(interval.lowestUs).to.be.at.least(-100 - maxDriftPpm * 2)
  })

  it('does not move for contradictions that contradict each other', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -100, 100)
    const verdicts = [5000, 20_000, 5000, 90_000, -70_000].map((us, i) => interval.narrow(1 + i, 0, us, us + 100))
    expect(new Set(verdicts)).to.deep.equal(new Set(['contradicts']))
  })

  it('has stepped after three contradictions that agree', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -100, 100)
    const verdicts = [1, 2, 3].map((s) => interval.narrow(s, 0, 7000, 7100))
    expect(verdicts).to.deep.equal(['contradicts', 'contradicts', 'stepped'])
    expect(interval.lowestUs).to.equal(7000)
    expect(interval.highestUs).to.equal(7100)
  })
})
