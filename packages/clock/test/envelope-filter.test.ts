import { expect } from 'chai'
import { errorBoundUs, toServer } from '../src/clock-model.js'
import { EnvelopeFilter } from '../src/envelope-filter.js'
import type { Exchange } from '../src/exchange.js'
import type { LocalUs, ServerUs } from '../src/reading.js'
import { exchangeOf } from './exchange-factory.js'
import { SeededRandom } from './seeded-random.js'

const quick = { outwardUs: 200, backUs: 200 }

function fed(count: number, offsetUs = 1000): EnvelopeFilter {
  const filter = new EnvelopeFilter()
  for (let i = 0; i < count; i++) filter.add(exchangeOf({ sentAt: i * 100_000, offsetUs, ...quick }))
  return filter
}

describe('EnvelopeFilter', () => {
  it('knows nothing before the first exchange and has a bounded guess after it', () => {
    const filter = new EnvelopeFilter()
    expect(filter.model).to.equal(undefined)
    expect(filter.uncertaintyUs).to.equal(undefined)
    filter.add(exchangeOf({ sentAt: 0, offsetUs: 1000, outwardUs: 100, backUs: 300 }))
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(900, 0.1)
    expect(filter.model!.errorBoundUs).to.be.closeTo(200, 0.2)
  })

  it('takes the fastest request and the fastest reply from different exchanges', () => {
    const filter = new EnvelopeFilter()
    const random = new SeededRandom(3)
    for (let i = 0; i < 400; i++) {
      const slowUs = random.between(3000, 9000)
      const outward = i % 2 === 0
      filter.add(
        exchangeOf({
          sentAt: i * 100_000,
          offsetUs: 0,
          outwardUs: outward ? 500 : slowUs,
          backUs: outward ? slowUs : 500,
        }),
      )
    }
    // No exchange is better than 1.25 ms wrong; their halves together are exact.
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(0, 1)
    expect(filter.model!.errorBoundUs).to.be.below(560)
  })

  it('ignores what cannot have happened, and counts it', () => {
    const filter = fed(20)
    const before = filter.model
    const base = exchangeOf({ sentAt: 3e6, offsetUs: 1000, ...quick })
    const impossible: Exchange[] = [
      { ...base, replyReceivedAt: (base.requestSentAt - 1) as LocalUs },
      { ...base, replySentAt: (base.requestReceivedAt - 1) as ServerUs },
      { ...base, requestReceivedAt: Number.NaN as ServerUs },
      { ...base, replySentAt: Number.POSITIVE_INFINITY as ServerUs },
      { ...base, requestSentAt: Number.NEGATIVE_INFINITY as LocalUs },
      { ...base, replySentAt: (base.requestReceivedAt + 1e6) as ServerUs },
    ]
    for (const exchange of impossible) filter.add(exchange)
    expect(filter.ignored).to.equal(impossible.length)
    expect(filter.model).to.equal(before)
  })

  it('ignores an exchange that comes twice', () => {
    const filter = fed(20)
    filter.add(exchangeOf({ sentAt: 19 * 100_000, offsetUs: 1000, ...quick }))
    expect(filter.ignored).to.equal(1)
  })

  it('ignores one wild answer, and follows three that agree', () => {
    const filter = fed(20)
    filter.add(exchangeOf({ sentAt: 2e6, offsetUs: 9e9, ...quick }))
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(1000, 1)
    for (let i = 1; i <= 4; i++) filter.add(exchangeOf({ sentAt: 2e6 + i * 100_000, offsetUs: -5e11, ...quick }))
    expect(filter.steps).to.equal(1)
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(-5e11, 1)
  })

  it('loses less than a microsecond to rounding with readings of 1e12', () => {
    const filter = new EnvelopeFilter()
    for (let i = 0; i < 3000; i++)
      filter.add(exchangeOf({ sentAt: 1e12 + i * 100_000, offsetUs: -999e9, ...quick, serverTakesUs: 7 }))
    const at = (1e12 + 3000 * 100_000) as LocalUs
    expect(toServer(filter.model!, at) - (at - 999e9)).to.be.closeTo(0, 0.5)
  })

  it('forgets the offset when disturbed, and keeps the drift', () => {
    const filter = new EnvelopeFilter()
    const drifted = (i: number, offsetUs: number) =>
      exchangeOf({ sentAt: i * 100_000, offsetUs: offsetUs + 5 * i, ...quick })
    for (let i = 0; i < 600; i++) filter.add(drifted(i, 1000)) // 5 µs in 0.1 s: 50 ppm
    filter.disturb(60e6 as LocalUs)
    expect(filter.model).to.equal(undefined)
    filter.add(drifted(599, 1000)) // sent before the disturbance
    expect(filter.model).to.equal(undefined)
    filter.add(drifted(601, 7e11))
    expect(filter.model!.driftPpm).to.be.closeTo(50, 0.1)
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(7e11 + 5 * 601, 1)
    expect(filter.steps).to.equal(0)
  })

  it('starts with a remembered drift, but does not bet the error bound on it', () => {
    const filter = new EnvelopeFilter({ driftPpm: 40, sigmaPpm: 0.1 })
    filter.add(exchangeOf({ sentAt: 0, offsetUs: 0, ...quick }))
    expect(filter.model!.driftPpm).to.equal(40)
    expect(errorBoundUs(filter.model!, 1_000_400 as LocalUs)).to.be.at.least(400)
  })

  it('survives a path without any delay', () => {
    const filter = new EnvelopeFilter()
    for (let i = 0; i < 500; i++) filter.add(exchangeOf({ sentAt: i * 100_000, offsetUs: 3, outwardUs: 0, backUs: 0 }))
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(3, 0.01)
    expect(filter.uncertaintyUs).to.be.within(0, 5)
  })
})
