import { expect } from 'chai'
import fc from 'fast-check'
import { type ClockModel, errorBoundUs, toLocal, toServer } from '../src/clock-model.js'
import type { LocalUs, ServerUs } from '../src/reading.js'

const reading = fc.integer({ min: 0, max: 1e12 })
const model: fc.Arbitrary<ClockModel> = fc.record({
  localAt: reading.map((us) => us as LocalUs),
  serverAt: reading.map((us) => us as ServerUs),
  driftPpm: fc.double({ min: -500, max: 500, noNaN: true }),
  errorBoundUs: fc.double({ min: 0, max: 1e5, noNaN: true }),
  errorGrowthPpm: fc.double({ min: 0, max: 400, noNaN: true }),
})

describe('ClockModel', () => {
  it('maps there and back to the same reading within a hundredth of a microsecond, eleven days from its origin', () => {
    fc.assert(
      fc.property(model, reading, (line, us) => {
        const local = us as LocalUs
        expect(toLocal(line, toServer(line, local))).to.be.closeTo(local, 0.01)
        const server = us as ServerUs
        expect(toServer(line, toLocal(line, server))).to.be.closeTo(server, 0.01)
      }),
    )
  })

  it('keeps the order of readings', () => {
    fc.assert(
      fc.property(model, reading, reading, (line, a, b) => {
        fc.pre(a < b)
        expect(toServer(line, a as LocalUs)).to.be.below(toServer(line, b as LocalUs))
      }),
    )
  })

  it('is surest where it was taken, and less so before and after alike', () => {
    fc.assert(
      fc.property(model, fc.integer({ min: 0, max: 1e9 }), (line, awayUs) => {
        const bound = errorBoundUs(line, (line.localAt + awayUs) as LocalUs)
        expect(bound).to.be.at.least(line.errorBoundUs)
        expect(bound).to.equal(errorBoundUs(line, (line.localAt - awayUs) as LocalUs))
      }),
    )
  })
})
