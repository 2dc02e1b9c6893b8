import { expect } from 'chai'
import { toServer } from '../src/clock-model.js'
import type { LocalUs } from '../src/reading.js'
import { SendspinFilter } from '../src/sendspin-filter.js'
import { exchangeOf } from './exchange-factory.js'

/** Adds a burst of eight whose best has this offset and half round trip; its reply arrives at `at`. */
function addBurst(filter: SendspinFilter, at: number, offsetUs: number, halfUs: number): void {
  for (let i = 7; i >= 0; i--) {
    const delayUs = i === 0 ? halfUs : halfUs + 50
    filter.add(exchangeOf({ sentAt: at - 2 * delayUs - i, offsetUs, outwardUs: delayUs, backUs: delayUs }))
  }
}

describe('SendspinFilter', () => {
  it('is the first measurement after the first exchange', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: 1000, offsetUs: 5_000_000, outwardUs: 200, backUs: 200 }))
    expect(toServer(filter.model!, 10_000 as LocalUs)).to.equal(5_010_000)
    expect(filter.uncertaintyUs).to.equal(100) // max_error_scale × half the round trip
    expect(filter.drift).to.equal(undefined)
  })

  it('truncates measurements towards zero, as the specification divides', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: 0, offsetUs: -10, outwardUs: 100, backUs: 105 }))
    expect(filter.model!.serverAt - filter.model!.localAt).to.equal(-12) // -12.5
  })

  it('seeds the drift from the second measurement and weighs the third as step 5 to 7 of the specification say', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: -400, offsetUs: 0, outwardUs: 200, backUs: 200 })) // R = 100²
    addBurst(filter, 10e6, 500, 200)
    addBurst(filter, 20e6, 1400, 100) // R = 50²
    // By hand: drift 5e-5, P_oo = 1e4, P_dd = 2e4/1e14 = 2e-10; dt = 1e7.
    // P_oo_p = 1e4 + 2e-10·1e14 = 3e4; P_od_p = 2e-10·1e7 = 2e-3; y = 1400 - 1000 = 400; S = 3e4 + 2500.
    expect(filter.model!.serverAt - filter.model!.localAt).to.be.closeTo(1000 + (400 * 3e4) / 32_500, 1e-6)
    expect(filter.uncertaintyUs).to.be.closeTo(Math.sqrt(3e4 - 3e4 ** 2 / 32_500), 1e-6)
    expect(filter.drift!.driftPpm).to.be.closeTo(50 + (2e-3 / 32_500) * 400 * 1e6, 1e-6)
    expect(filter.drift!.sigmaPpm).to.be.closeTo(Math.sqrt(2e-10 + 1e-22 * 1e7 - 4e-6 / 32_500) * 1e6, 1e-4)
  })

  it('uses only the exchange with the shortest round trip of each eight', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 100, backUs: 100 }))
    for (let i = 1; i <= 8; i++)
      filter.add(
        exchangeOf({ sentAt: i * 1000, offsetUs: i === 5 ? 40 : 900, outwardUs: i === 5 ? 50 : 300, backUs: 50 }),
      )
    expect(filter.model!.localAt).to.equal(5100)
    expect(filter.model!.serverAt - 5100).to.equal(40)
  })

  it('holds the drift back while it may be noise', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 2000, backUs: 2000 }))
    addBurst(filter, 1e6, 100, 2000)
    expect(filter.model!.driftPpm).to.equal(0)
  })

  it('ignores a reply from before its request, and counts it', () => {
    const filter = new SendspinFilter()
    filter.add(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: -500, backUs: 100 }))
    expect(filter.model).to.equal(undefined)
    expect(filter.ignored).to.equal(1)
  })
})
