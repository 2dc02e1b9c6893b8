import { expect } from 'chai'
import fc from 'fast-check'
import { RateSteering } from '../src/rate-steering.js'

const dtS = 0.02

/** Plays `seconds` at a rate that should be `truePpm` while the estimates say `knownPpm`; errors in µs, rates in ppm. */
function play(startUs: number, truePpm: number, knownPpm: number, seconds: number, settledS = 0) {
  const steering = new RateSteering()
  steering.start(knownPpm)
  for (let t = 0; t < settledS; t += dtS) steering.update(knownPpm, 0, dtS)
  const errors = [startUs]
  const rates: number[] = []
  let lateUs = startUs
  for (let t = 0; t < seconds; t += dtS) {
    const ppm = steering.update(knownPpm, lateUs, dtS)
    rates.push(ppm)
    lateUs += (truePpm - ppm) * dtS
    errors.push(lateUs)
  }
  return { errors, rates }
}

const steepest = (rates: readonly number[]): number =>
  Math.max(...rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / dtS))

describe('RateSteering', () => {
  it('plays faster when late and slower when early', () => {
    expect(new RateSteering().update(0, 100, dtS)).to.be.above(0)
    expect(new RateSteering().update(0, -100, dtS)).to.be.below(0)
  })

  it('plays at the rate the estimates suggest when there is no error', () => {
    const steering = new RateSteering()
    steering.start(-73)
    expect(steering.update(-73, 0, dtS)).to.equal(-73)
  })

  it('removes an error entirely, along the curve of a double pole and without overshoot', () => {
    const steadyPerS = 0.15
    const { errors } = play(20, 0, 0, 300, 200)
    const wrongUs = errors.map((error, i) => {
      const wt = steadyPerS * i * dtS
      return Math.abs(error - 20 * (1 + wt) * Math.exp(-wt))
    })
    expect(Math.max(...wrongUs)).to.be.below(0.1)
    expect(Math.min(...errors)).to.be.above(-0.01)
  })

  it('is held off by no more than 15 µs for every ppm that the estimates stay wrong by', () => {
    const { errors } = play(0, 1, 0, 300)
    expect(Math.max(...errors.map(Math.abs))).to.be.below(15)
  })

  it('brings a large error below a third of a millisecond in five seconds and below ten microseconds in a minute', () => {
    const { errors } = play(1000, 0, 0, 60)
    expect(Math.max(...errors.slice(5 / dtS).map(Math.abs))).to.be.below(330)
    expect(Math.abs(errors.at(-1)!)).to.be.below(10)
  })

  it('never changes its rate by more than 1 ppm a second for an error of 30 µs once it has settled', () => {
    const steering = new RateSteering()
    steering.start(0)
    for (let t = 0; t < 130; t += dtS) steering.update(0, 0, dtS)
    let lateUs = 30
    const rates = Array.from({ length: 5000 }, () => {
      const ppm = steering.update(0, lateUs, dtS)
      lateUs -= ppm * dtS
      return ppm
    })
    expect(steepest(rates)).to.be.below(1)
    expect(Math.abs(lateUs)).to.be.below(1)
  })

  it('follows a step of the estimated rate in a slope', () => {
    const steering = new RateSteering()
    steering.start(0)
    for (let t = 0; t < 40; t += dtS) steering.update(0, 0, dtS)
    const rates = Array.from({ length: 500 }, () => steering.update(1, 0, dtS))
    expect(steepest(rates)).to.be.below(0.5)
    expect(rates.at(-1)).to.be.closeTo(1, 0.05)
  })

  it('never corrects by more than 300 ppm, or for errors beyond a millisecond 1000, whatever it is told', () => {
    for (const [mostUs, mostPpm] of [
      [1000, 300],
      [1e7, 1000],
    ] as const)
      fc.assert(
        fc.property(fc.array(fc.double({ min: -mostUs, max: mostUs, noNaN: true }), { maxLength: 200 }), (lates) => {
          const steering = new RateSteering()
          for (const late of lates) expect(Math.abs(steering.update(0, late, dtS))).to.be.at.most(mostPpm)
        }),
      )
  })

  it('has forgotten a hundred seconds at its limit within thirty', () => {
    const steering = new RateSteering()
    for (let t = 0; t < 100; t += dtS) steering.update(0, 50_000, dtS)
    for (let t = 0; t < 30; t += dtS) steering.update(0, 0, dtS)
    expect(Math.abs(steering.update(0, 0, dtS))).to.be.below(1)
  })
})
