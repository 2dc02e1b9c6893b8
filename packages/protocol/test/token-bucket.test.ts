import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { TokenBucket } from '../src/token-bucket.js'

describe('TokenBucket', () => {
  it('never lets more through than the burst and the rate allow, over any stretch of time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 200 }), (gapsUs) => {
        const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0 as LocalUs)
        const passedAt: number[] = []
        let now = 0
        for (const gapUs of gapsUs) {
          now += gapUs
          if (bucket.take(now as LocalUs)) passedAt.push(now)
        }
        for (const [i, from] of passedAt.entries()) {
          const upTo = passedAt.at(-1) ?? from
          expect(passedAt.length - i).to.be.at.most(5 + ((upTo - from) / 1e6) * 10 + 1e-6)
        }
      }),
    )
  })

  it('is full again after a rest, and no fuller', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, 0 as LocalUs)
    const takeThree = (at: number): boolean[] => [0, 0, 0].map(() => bucket.take(at as LocalUs))
    expect(takeThree(0)).to.deep.equal([true, true, false])
    expect(takeThree(3_600e6)).to.deep.equal([true, true, false])
  })
})
