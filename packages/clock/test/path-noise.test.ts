import { expect } from 'chai'
import { type EnvelopeBin, emptyBin, widenBin } from '../src/envelope-bin.js'
import { PathNoise } from '../src/path-noise.js'
import { SeededRandom } from './seeded-random.js'

function binOf(atS: number, halfWidthUs: number): EnvelopeBin {
  const bin = emptyBin(atS)
  widenBin(bin, 0, atS, halfWidthUs, atS, -halfWidthUs)
  return bin
}

/** Bins two seconds apart whose half-width is `baseUs` and an exponential excess. */
function binsOf(count: number, baseUs: number, excessUs: number): EnvelopeBin[] {
  const random = new SeededRandom(count)
  return Array.from({ length: count }, (_, i) => binOf(2 * i, baseUs + random.exponential(excessUs)))
}

/** What is known after these bins were complete one after the other. */
function judged(bins: readonly EnvelopeBin[]): PathNoise {
  const path = new PathNoise()
  path.place(bins[0]!, [], 0)
  for (let count = 1; count <= bins.length; count++) path.judge(bins.slice(0, count), 0, 2 * count)
  return path
}

describe('PathNoise', () => {
  it('takes noise for as large as bins differ, wherever the level', () => {
    for (const baseUs of [150, 5000]) {
      const path = judged(binsOf(64, baseUs, 100))
      expect(path.noiseUs).to.be.within(25, 75)
      expect(path.narrowestUs).to.be.closeTo(baseUs, 10)
    }
  })

  it('doubts few bins that happen to be alike', () => {
    const path = judged([binOf(0, 1000), binOf(1, 1001), binOf(2, 1000)])
    expect(path.noiseUs).to.be.above(100)
  })

  it('tells a path on which queues are the rule from one on which they are not, whatever its length', () => {
    for (const baseUs of [150, 5000]) {
      expect(judged(binsOf(64, baseUs, baseUs / 20)).isRough).to.equal(false)
      expect(judged(binsOf(64, baseUs, baseUs / 2)).isRough).to.equal(true)
    }
  })

  it('gives a wide bin less weight', () => {
    const bins = binsOf(64, 1000, 20)
    const path = judged(bins)
    const [near, far] = [1010, 4000].map((halfWidthUs) => {
      const bin = binOf(130, halfWidthUs)
      path.place(bin, bins, 0)
      return path.varianceOf(bin, 0)
    }) as [number, number]
    expect(Math.sqrt(far)).to.be.within(1900, 2300)
    expect(Math.sqrt(near)).to.be.below(30)
  })

  it('does not take a download that begins at once for noise', () => {
    const random = new SeededRandom(1)
    const bins = Array.from({ length: 64 }, (_, i) =>
      binOf(2 * i, 1000 + (i < 3 ? 0 : 4000 + 10_000 * random.uniform())),
    )
    const path = judged(bins)
    expect(path.noiseUs).to.be.below(510)
    expect(path.slowerUs(bins[40]!)).to.equal(bins[40]!.levelUs - path.narrowestUs)
  })

  it('tells a slower path from queueing by its lasting', () => {
    const bins = binsOf(40, 1000, 20)
    const stalled = bins[20]!
    stalled.highestUs += 8000
    for (let i = 40; i < 60; i++) bins.push(binOf(2 * i, 6000 + i))
    const path = judged(bins)
    expect(path.slowerUs(stalled)).to.equal(0)
    expect(path.slowerUs(bins.at(-1)!)).to.be.closeTo(5050, 50)
    expect(path.narrowestUs).to.be.below(1010)
  })

  it('remembers the fastest path after its bins are gone, but not for ever', () => {
    const path = judged(binsOf(40, 1000, 20))
    path.judge(binsOf(40, 6000, 20), 0, 800)
    expect(path.narrowestUs).to.be.below(1010)
    path.judge(binsOf(40, 6000, 20), 0, 80 + 3601)
    expect(path.narrowestUs).to.be.closeTo(6000, 10)
  })

  it('says by how much the path turned out to be faster', () => {
    const path = judged(binsOf(40, 6000, 20))
    expect(path.judge(binsOf(41, 6000, 20), 0, 82)).to.equal(0)
    expect(path.judge([...binsOf(40, 6000, 20), ...binsOf(5, 1000, 20)], 0, 90)).to.be.closeTo(5000, 50)
  })
})
