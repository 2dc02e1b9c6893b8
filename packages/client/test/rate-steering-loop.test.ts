/** What docs/sync-theory.md says of the loop, compared with the loop itself. */
import { expect } from 'chai'
import { RateSteering } from '../src/rate-steering.js'

const bandwidthPerS = 0.1
const periodS = 0.01

/** Error over time of a playhead that was `lateUs` off once the loop had narrowed; `noiseUs` is added to what it is told. */
function respond(
  lateUs: number,
  seconds: number,
  noiseUs: () => number = () => 0,
): { errors: number[]; rates: number[] } {
  const steering = new RateSteering()
  steering.start(0)
  for (let t = 0; t < 120; t += periodS) steering.update(0, 0, periodS)
  const errors: number[] = []
  const rates: number[] = []
  let errorUs = lateUs
  for (let t = 0; t < seconds; t += periodS) {
    errors.push(errorUs)
    const ppm = steering.update(0, errorUs + noiseUs(), periodS)
    rates.push(ppm)
    errorUs -= ppm * periodS
  }
  return { errors, rates }
}

describe('RateSteering as a loop', () => {
  it('answers an error as three poles at its bandwidth do: e₀ (1 + wt − w²t²) exp(−wt)', () => {
    const { errors } = respond(20, 100)
    errors.forEach((errorUs, i) => {
      const wt = bandwidthPerS * i * periodS
      expect(errorUs).to.be.closeTo(20 * (1 + wt - wt * wt) * Math.exp(-wt), 0.1)
    })
  })

  it('slopes its rate by at most 8/3 w² e, which is 0.8 ppm/s for an error of 30 µs', () => {
    const { rates } = respond(30, 100)
    const slopes = rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / periodS)
    // The integral adds an eighth of it.
    expect(Math.max(...slopes)).to.be.within(0.75, (9 / 8) * 0.81)
  })

  it('lets through of white noise what a bandwidth of 0.375 w says', () => {
    let state = 7
    const noise = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 31 - 1) * Math.sqrt(3) * 10 // standard deviation 10 µs
    }
    const { errors } = respond(0, 40_000, noise)
    const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    const expected = 10 * Math.sqrt(2 * 0.375 * bandwidthPerS * periodS)
    expect(rms).to.be.within(0.8 * expected, 1.2 * expected)
  })
})
