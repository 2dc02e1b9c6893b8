import { expect } from 'chai'
import fc from 'fast-check'
import { measureOffset } from '../src/exchange.js'
import { exchangeOf } from './exchange-factory.js'

const delay = fc.integer({ min: 0, max: 2_000_000 })
const facts = fc.record({
  sentAt: fc.integer({ min: 0, max: 1e12 }),
  offsetUs: fc.integer({ min: -1e12, max: 1e12 }),
  outwardUs: delay,
  backUs: delay,
  serverTakesUs: delay,
})

describe('measureOffset', () => {
  it('is never wrong by more than half the round trip, however lopsided the path', () => {
    fc.assert(
      fc.property(facts, (f) => {
        const { offsetUs, roundTripUs } = measureOffset(exchangeOf(f))
        expect(roundTripUs).to.equal(f.outwardUs + f.backUs)
        expect(Math.abs(offsetUs - f.offsetUs)).to.be.at.most(roundTripUs / 2)
      }),
    )
  })

  it('is exact when both ways are equally slow', () => {
    fc.assert(
      fc.property(facts, (f) => {
        expect(measureOffset(exchangeOf({ ...f, backUs: f.outwardUs })).offsetUs).to.equal(f.offsetUs)
      }),
    )
  })

  it('has the true offset between its limits', () => {
    fc.assert(
      fc.property(facts, (f) => {
        const { lowestUs, highestUs } = measureOffset(exchangeOf(f))
        expect(f.offsetUs).to.be.within(lowestUs, highestUs)
      }),
    )
  })
})
