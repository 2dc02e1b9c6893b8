/** What docs/sync-theory.md says of the loop, compared with the loop itself. */
import { expect } from 'chai'
import { RateSteering } from '../src/rate-steering.js'

const bandwidthPerS = 0.15
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
  it('slopes its rate by at most w²e, which is 0.7 ppm/s for an error of 30 µs', () => {
    const { rates } = respond(30, 100)
    const slopes = rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / periodS)
    expect(Math.max(...slopes)).to.be.closeTo(bandwidthPerS ** 2 * 30, 0.01)
  })

  it('lets through of white noise what a bandwidth of w/4 says, both sides together', () => {
    let state = 7
    const noise = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 31 - 1) * Math.sqrt(3) * 10 // standard deviation 10 µs
    }
    const { errors } = respond(0, 40_000, noise)
    const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    const expected = 10 * Math.sqrt((bandwidthPerS / 4) * periodS)
    expect(rms).to.be.within(0.8 * expected, 1.2 * expected)
  })
})
