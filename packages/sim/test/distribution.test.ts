import { expect } from 'chai'
import fc from 'fast-check'
import { Distribution } from '../src/distribution.js'

describe('Distribution', () => {
  it('knows every quantile to one percent, whatever the figures', () => {
    const figures = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(figures, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const distribution = new Distribution()
        for (const value of values) distribution.add(value)
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!
        expect(distribution.quantile(p)).to.be.closeTo(exact, 0.0101 * exact)
        expect(distribution.max).to.equal(sorted.at(-1))
        expect(distribution.count).to.equal(values.length)
      }),
    )
  })

  it('accounts for every figure in its histogram', () => {
    const distribution = new Distribution()
    for (const figure of [0, 0.0001, 1, 1.001, 250, 3e6]) distribution.add(figure)
    const buckets = [...distribution.histogram()]
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).to.equal(6)
    expect(buckets.find(({ from, to }) => from <= 250 && to > 250)?.count).to.equal(1)
  })

  it('is empty at first and takes no nonsense', () => {
    const distribution = new Distribution()
    expect(distribution.percentiles).to.deep.equal({ p50: 0, p95: 0, p99: 0, max: 0 })
    for (const nonsense of [-1, Number.NaN, Infinity]) expect(() => distribution.add(nonsense)).to.throw(RangeError)
  })
})
