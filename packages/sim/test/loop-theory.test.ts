import { expect } from 'chai'
import { margins, measuredToneSinadDb, openLoop, toneSinadDb } from '../src/loop-theory.js'

describe('loop theory', () => {
  it('crosses over at the bandwidth with 53° to spare: atan 3 − atan ⅓', () => {
    for (const bandwidth of [0.1, 0.6]) {
      const { crossoverRadPerS, phaseDeg, delayS } = margins(bandwidth, bandwidth)
      expect(crossoverRadPerS).to.be.closeTo(bandwidth, 1e-6)
      expect(phaseDeg).to.be.closeTo(53.13, 0.01)
      expect(delayS).to.be.closeTo(0.9273 / bandwidth, 0.01)
    }
  })

  it('has phase to spare at every frequency and width, so that no gain makes it oscillate', () => {
    for (const bandwidth of [0.1, 0.2, 0.4, 0.6]) expect(margins(bandwidth, 0.1).leastPhaseDeg).to.be.above(0)
    expect(margins(0.6, 0.1).phaseDeg).to.be.above(60)
    expect(margins(0.6, 0.1).delayS).to.be.above(2)
  })

  it('is the integral at low frequencies and falls twice as steeply as 1/f beyond its corner', () => {
    expect(openLoop(1e-5, 0.1, 0.1).gain).to.be.closeTo(0.1 ** 2 / 3 / 1e-10, 1e6)
    expect(openLoop(10, 0.1, 0.1).gain / openLoop(20, 0.1, 0.1).gain).to.be.closeTo(4, 0.01)
  })

  it('predicts the SINAD of a tone whose rate slopes', () => {
    for (const ppmPerS of [0.3, 1, 3, 10]) {
      expect(measuredToneSinadDb(ppmPerS, 1000, 0.5)).to.be.closeTo(toneSinadDb(ppmPerS, 1000, 0.5), 0.2)
    }
    expect(toneSinadDb(1, 1000, 0.5)).to.be.closeTo(84.65, 0.01)
  })
})
