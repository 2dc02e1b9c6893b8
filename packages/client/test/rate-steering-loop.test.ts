/** What docs/sync-theory.md says of the loop, compared with the loop itself. */
import { expect } from 'chai'
import { RateSteering } from '../src/rate-steering.js'

const bandwidthPerS = 0.15
const periodS = 0.01

/** Error over time of a playhead that is `lateUs` off; `noiseUs` is added to what the loop is told. */
function respond(
  lateUs: number,
  seconds: number,
  noiseUs: () => number = () => 0,
): { errors: number[]; rates: number[] } {
  const steering = new RateSteering()
  steering.start(0)
  const errors: number[] = []
  const rates: number[] = []
  let errorUs = lateUs
  for (let t = 0; t < seconds; t += periodS) {
    errors.push(errorUs)
    const ppm = steering.update(0, errorUs + noiseUs(), 0, periodS)
    rates.push(ppm)
    errorUs -= ppm * periodS
  }
  return { errors, rates }
}

describe('RateSteering as a loop', () => {
  it('slopes its rate by at most w²e, which is 0.34 ppm/s for an error of 15 µs', () => {
    const { rates } = respond(15, 100)
    const slopes = rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / periodS)
    expect(Math.max(...slopes)).to.be.closeTo(bandwidthPerS ** 2 * 15, 0.01)
  })

  it('lets through of white noise what a bandwidth of w/4 says, both sides together', () => {
    let state = 7
    const noise = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 31 - 1) * Math.sqrt(3) * 5 // standard deviation 5 µs
    }
    const { errors } = respond(0, 40_000, noise)
    const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    const expected = 5 * Math.sqrt((bandwidthPerS / 4) * periodS)
    expect(rms).to.be.within(0.8 * expected, 1.2 * expected)
  })
})
