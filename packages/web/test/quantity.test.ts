import { expect } from 'chai'
import type { RoomHistory } from '../src/contract.js'
import { axisLabel, quantities } from '../src/quantity.js'

const history: RoomHistory = {
  client: 'kitchen',
  at: [1e6, 2e6],
  lateUs: [100, null],
  lowestUs: [50, null],
  highestUs: [150, null],
  driftPpm: [12, null],
  roundTripUs: [900, 0],
  bufferedMs: [4900, 0],
  dropouts: [0, 2],
}

describe('quantities', () => {
  it('gives each figure in the unit of its axis, and leaves out what is not known', () => {
    const figures = Object.fromEntries(quantities.map(({ id, figures: of }) => [id, of(history)]))
    expect(figures).to.deep.equal({
      offset: { values: [0.1, null], low: [0.05, null], high: [0.15, null] },
      drift: { values: [12, null] },
      roundTrip: { values: [0.9, 0] },
      buffer: { values: [4.9, 0] },
      dropouts: { values: [0, 2] },
    })
  })

  it('shows a plot that holds everything, and no noise of microseconds as a mountain', () => {
    for (const { id, range } of quantities) {
      for (const [low, high] of [
        [0, 0],
        [-0.002, 0.004],
        [3, 80],
        [-700, -20],
      ] as const) {
        if (low < 0 && !['offset', 'drift'].includes(id)) continue
        const [bottom, top] = range(low, high)
        expect(bottom, id).to.be.at.most(low)
        expect(top, id).to.be.at.least(high)
        expect(top - bottom, id).to.be.at.least(0.1)
      }
    }
  })

  it('labels an axis without digits that mean nothing', () => {
    expect([
      axisLabel(-0.25, 'ms'),
      axisLabel(0, 'ms'),
      axisLabel(0.30000000004, 'ms'),
      axisLabel(2, ''),
    ]).to.deep.equal(['−0.25 ms', '0', '0.3 ms', '2'])
  })
})
