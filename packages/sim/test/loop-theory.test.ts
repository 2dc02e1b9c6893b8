import { expect } from 'chai'
import {
  leftByDoublePole,
  leftOfRemoval,
  measuredToneSinadDb,
  rateOfRemoval,
  steepestOfRemoval,
  toneSinadDb,
} from '../src/loop-theory.js'

describe('loop theory', () => {
  it('removes an error with a rate that begins and ends at nothing, and whose sum is the error', () => {
    const steps = 10_000
    let left = 1
    for (let i = 0; i < steps; i++) {
      left -= rateOfRemoval((i + 0.5) / steps) / steps
      expect(left).to.be.closeTo(leftOfRemoval((i + 1) / steps), 1e-8)
    }
    expect([rateOfRemoval(0), rateOfRemoval(1)]).to.deep.equal([0, 0])
    expect(rateOfRemoval(0.5)).to.equal(1.5)
  })

  it('is done where a double pole that bends the rate as much has 30 % to go', () => {
    expect(leftByDoublePole(4, 4)).to.be.closeTo(0.298, 0.001)
    const [errorUs, seconds, dtS] = [100, 4, 1e-3]
    const bend = (left: (atS: number) => number): number =>
      (errorUs * (left(0) - 2 * left(dtS) + left(2 * dtS))) / dtS ** 2
    const steepest = steepestOfRemoval(errorUs, seconds)
    expect(Math.abs(bend((atS) => leftByDoublePole(atS, seconds)))).to.be.closeTo(steepest, 0.01 * steepest)
    expect(Math.abs(bend((atS) => leftOfRemoval(atS / seconds)))).to.be.closeTo(steepest, 0.01 * steepest)
  })

  it('predicts the SINAD of a tone whose rate slopes', () => {
    for (const ppmPerS of [0.3, 1, 3, 10]) {
      expect(measuredToneSinadDb(ppmPerS, 1000, 0.5)).to.be.closeTo(toneSinadDb(ppmPerS, 1000, 0.5), 0.2)
    }
    expect(toneSinadDb(1, 1000, 0.5)).to.be.closeTo(84.65, 0.01)
  })
})
