import { expect } from 'chai'
import fc from 'fast-check'
import { RatePlan } from '../src/rate-plan.js'

const dtS = 0.01

/** Follows a plan to its end; errors in µs and rates in ppm, each before a step, as playback makes them. */
function follow(plan: RatePlan, errorUs: number, knownPpm: number, seconds: number) {
  const errors = [errorUs]
  const rates = [plan.ppm]
  for (let step = 0; step < Math.round(seconds / dtS); step++) {
    plan.advance(dtS)
    rates.push(plan.ppm)
    const playedPpm = (rates.at(-1)! + rates.at(-2)!) / 2
    errors.push(errors.at(-1)! - (playedPpm - knownPpm) * dtS)
  }
  return { errors, rates }
}

describe('RatePlan', () => {
  it('removes an error along 1 − 3s² + 2s³ and is at the known rate then', () => {
    const plan = new RatePlan()
    plan.rest(-20)
    plan.remove(100, -20, 4, 300)
    const { errors, rates } = follow(plan, 100, -20, 4)
    const wrongUs = errors.map((error, i) => {
      const s = (i * dtS) / 4
      return Math.abs(error - 100 * (1 - 3 * s ** 2 + 2 * s ** 3))
    })
    expect(Math.max(...wrongUs)).to.be.below(0.01)
    expect(rates.at(-1)).to.equal(-20)
  })

  it('bends the rate by 6e/T² at most, and raises it by 1.5 e/T', () => {
    const plan = new RatePlan()
    plan.remove(100, 0, 4, 300)
    const { rates } = follow(plan, 100, 0, 4)
    const slopes = rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / dtS)
    expect(Math.max(...slopes)).to.be.closeTo((6 * 100) / 4 ** 2, 0.2)
    expect(Math.max(...rates)).to.be.closeTo((1.5 * 100) / 4, 0.01)
  })

  it('ends without an error from whatever rate it begins at', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -300, max: 300, noNaN: true }),
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        fc.double({ min: -100, max: 100, noNaN: true }),
        fc.integer({ min: 100, max: 2000 }),
        (ppm, errorUs, knownPpm, steps) => {
          const plan = new RatePlan()
          plan.rest(ppm)
          plan.remove(errorUs, knownPpm, steps * dtS, Number.POSITIVE_INFINITY)
          const { errors } = follow(plan, errorUs, knownPpm, steps * dtS)
          expect(Math.abs(errors.at(-1)!)).to.be.below(0.5)
        },
      ),
    )
  })

  it('says at each moment how much is left to remove', () => {
    const plan = new RatePlan()
    plan.rest(50)
    plan.remove(-200, 10, 3, 300)
    const { errors } = follow(plan, -200, 10, 2)
    expect(plan.errorUs).to.be.closeTo(errors.at(-1)!, 1e-9)
    follow(plan, 0, 10, 1.1)
    expect(plan.errorUs).to.equal(0)
  })

  it('goes straight on once it has ended', () => {
    const plan = new RatePlan()
    plan.remove(100, 7, 1, 300)
    follow(plan, 100, 7, 1.1)
    expect(follow(plan, 0, 7, 5).rates.every((rate) => rate === 7)).to.equal(true)
  })

  it('goes no further from the known rate than it may, and says what that leaves', () => {
    const plan = new RatePlan()
    plan.remove(1000, 20, 1, 300)
    const { errors, rates } = follow(plan, 1000, 20, 0.5)
    expect(Math.max(...rates)).to.equal(320)
    expect(plan.errorUs).to.be.closeTo(errors.at(-1)!, 1e-9)
  })
})
