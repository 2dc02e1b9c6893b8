import { expect } from 'chai'
import { margins, measuredToneSinadDb, openLoop, toneSinadDb } from '../src/loop-theory.js'

describe('loop theory', () => {
  it('crosses over at √(√5 − 2) of the bandwidth with 76° to spare, whatever the bandwidth', () => {
    for (const bandwidth of [0.15, 1.8]) {
      const { crossoverRadPerS, phaseDeg, delayS } = margins(bandwidth)
      expect(crossoverRadPerS).to.be.closeTo(Math.sqrt(Math.sqrt(5) - 2) * bandwidth, 1e-6)
      expect(phaseDeg).to.be.closeTo(76.35, 0.01)
      expect(delayS).to.be.closeTo(2.743 / bandwidth, 0.01)
    }
  })

  it('has phase to spare at every frequency, so that no gain makes it oscillate', () => {
    for (const bandwidth of [0.15, 0.5, 1.8]) expect(margins(bandwidth).leastPhaseDeg).to.be.above(0)
  })

  it('is an integral at low frequencies and falls twice as steeply as 1/f beyond its corner', () => {
    expect(openLoop(1e-5, 0.15).gain).to.be.closeTo(0.15 / 2 / 1e-5, 0.1)
    expect(openLoop(10, 0.15).gain / openLoop(20, 0.15).gain).to.be.closeTo(4, 0.01)
  })

  it('predicts the SINAD of a tone whose rate slopes', () => {
    for (const ppmPerS of [0.3, 1, 3, 10]) {
      expect(measuredToneSinadDb(ppmPerS, 1000, 0.5)).to.be.closeTo(toneSinadDb(ppmPerS, 1000, 0.5), 0.2)
    }
    expect(toneSinadDb(1, 1000, 0.5)).to.be.closeTo(84.65, 0.01)
  })
})
