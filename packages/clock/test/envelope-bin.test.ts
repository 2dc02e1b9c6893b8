import { expect } from 'chai'
import { emptyBin, halfWidthUs, middleUs, widenBin } from '../src/envelope-bin.js'

describe('EnvelopeBin', () => {
  it('joins the fastest request of one exchange and the fastest reply of another', () => {
    const bin = emptyBin(0)
    widenBin(bin, 0, 0, 1000, 0.01, -9000) // quick there, slow back
    widenBin(bin, 0, 1, 8000, 1.01, -1000) // slow there, quick back
    expect(middleUs(bin)).to.equal(0)
    expect(halfWidthUs(bin, 0)).to.equal(1000)
  })

  it('compares along the drift, so that the fastest is not merely the earliest', () => {
    const bin = emptyBin(0)
    widenBin(bin, 100, 0, 1000, 0, -1000)
    widenBin(bin, 100, 2, 1100, 2, -900) // 100 µs quicker there than the first, 100 µs slower back: the line rose by 200
    expect(bin.highestUs).to.equal(1100)
    expect(bin.lowestAtS).to.equal(0)
  })
})
