import { expect } from 'chai'
import fc from 'fast-check'
import { RateController, rateDefaults } from '../src/rate-controller.js'

/** Plays `seconds` with a crystal that is `mismatchPpm` off from what was fed forward; returns the error over time, µs. */
function errorsUs(startUs: number, mismatchPpm: number, seconds: number, dtS = 0.02): number[] {
  const rate = new RateController()
  const errors = [startUs]
  let lateUs = startUs
  for (let t = 0; t < seconds; t += dtS) {
    lateUs += (mismatchPpm - rate.update(lateUs, dtS)) * dtS
    errors.push(lateUs)
  }
  return errors
}

describe('RateController', () => {
  it('plays faster when late and slower when early', () => {
    expect(new RateController().update(100, 0.02)).to.be.above(0)
    expect(new RateController().update(-100, 0.02)).to.be.below(0)
  })

  it('removes a constant mismatch of the crystals entirely, which takes integral action', () => {
    const errors = errorsUs(0, 40, 120)
    expect(Math.abs(errors.at(-1)!)).to.be.below(0.1)
  })

  it('does not overshoot by more than a seventh from a standing error', () => {
    const errors = errorsUs(1000, 0, 60)
    expect(Math.min(...errors)).to.be.above(-1000 / 7)
    expect(Math.abs(errors.at(-1)!)).to.be.below(1)
  })

  it('never corrects by more than its clamp, whatever it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e7, max: 1e7, noNaN: true }), { maxLength: 200 }), (lates) => {
        const rate = new RateController()
        for (const late of lates) expect(Math.abs(rate.update(late, 0.02))).to.be.at.most(rateDefaults.maxPpm)
      }),
    )
  })

  it('does not wind up while clamped', () => {
    const rate = new RateController()
    for (let i = 0; i < 5000; i++) rate.update(50_000, 0.02)
    expect(Math.abs(rate.update(0, 0.02))).to.be.below(1)
  })
})
