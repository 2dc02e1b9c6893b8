import { expect } from 'chai'
import { OffsetTracker } from '../src/offset-tracker.js'

function trackerAt(offsetSigmaUs: number, driftSigmaPpm: number, wander = 0): OffsetTracker {
  const tracker = new OffsetTracker(wander)
  tracker.driftVariance = driftSigmaPpm ** 2
  tracker.restart(0, 0, offsetSigmaUs ** 2)
  return tracker
}

describe('OffsetTracker', () => {
  it('learns offset and drift from exact measurements of a line', () => {
    const tracker = trackerAt(1e6, 100)
    for (let s = 0; s <= 60; s += 2) {
      tracker.moveTo(s)
      tracker.correct(250 + 40 * s, 1, 0)
    }
    expect(tracker.offsetUs).to.be.closeTo(250 + 40 * 60, 0.1)
    expect(tracker.driftPpm).to.be.closeTo(40, 0.01)
  })

  it('is as uncertain as least squares when nothing wanders', () => {
    const tracker = trackerAt(1e6, 1e6)
    const times = Array.from({ length: 30 }, (_, i) => i)
    for (const s of times) {
      tracker.moveTo(s)
      tracker.correct(0, 100, 0)
    }
    const meanS = 14.5
    const spread = times.reduce((sum, s) => sum + (s - meanS) ** 2, 0)
    expect(tracker.driftVariance).to.be.closeTo(100 / spread, 1e-4)
    expect(tracker.offsetVariance).to.be.closeTo(100 * (1 / 30 + (29 - meanS) ** 2 / spread), 1e-3)
  })

  it('loses the offset with the cube of time once the rate wanders', () => {
    const tracker = trackerAt(0, 0, 0.01)
    tracker.moveTo(300)
    expect(Math.sqrt(tracker.offsetVariance)).to.be.closeTo(0.01 * Math.sqrt(300 ** 3 / 3), 1e-9)
  })

  it('goes on learning the drift along a path that adds delay in one proportion, however much, without believing its offset', () => {
    const tracker = trackerAt(2, 5)
    tracker.takePath(6000, 0.5 ** 2)
    for (let s = 0; s <= 60; s += 2) {
      tracker.moveTo(s)
      const addedUs = 5000 + 1000 * Math.sin(s)
      tracker.correct(0.6 * addedUs + 3 * s, 100, addedUs)
    }
    expect(tracker.driftPpm).to.be.closeTo(3, 0.01)
    expect(tracker.offsetUs).to.be.closeTo(3 * 60, 2)
    expect(tracker.share).to.be.closeTo(0.6, 0.001)
  })
})
