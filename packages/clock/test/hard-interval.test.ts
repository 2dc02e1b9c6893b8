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

  it('has bent, not stepped, when a slewed clock explains the contradictions, and then bounds the rate anew', () => {
    const interval = new HardInterval()
    const offsetUs = (s: number): number => (s <= 600 ? 20 * s : 12_000 + 520 * (s - 600))
    let verdict = ''
    for (let s = 0; verdict !== 'bent'; s++) {
      verdict = interval.narrow(s, 0, offsetUs(s) - 100, offsetUs(s) + 100)
      expect(verdict, `${s} s`).to.not.equal('stepped')
      expect(s).to.be.below(605)
    }
    for (let s = 605; s <= 700; s++) {
      expect(interval.narrow(s, 0, offsetUs(s) - 100, offsetUs(s) + 100), `${s} s`).to.equal('consistent')
      expect(offsetUs(s)).to.be.within(interval.lowestUs, interval.highestUs)
    }
    expect(interval.drift.lowestPpm).to.be.within(515, 520)
    expect(interval.drift.highestPpm).to.be.within(520, 525)
  })

  it('says by how much an exchange contradicts the others until one does not', () => {
    const interval = new HardInterval()
    interval.narrow(0, 0, -100, 100)
    interval.narrow(0, 0, 7000, 7100)
    expect(interval.beyondUs).to.equal(6900)
    interval.narrow(0, 0, -100, 100)
    expect(interval.beyondUs).to.equal(0)
  })
})
