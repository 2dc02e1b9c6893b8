import { expect } from 'chai'
import type { ClockModel } from '../src/clock-model.js'
import type { LocalUs, ServerUs } from '../src/reading.js'
import { SlewableInterval } from '../src/slewable-interval.js'
import { exchangeOf } from './exchange-factory.js'
import { quantile } from './figures.js'
import { badWifi, busyWifi, goodWifi, quietLan } from './path.js'
import { SimulatedWorld } from './simulated-world.js'

const equalClocks: ClockModel = {
  localAt: 0 as LocalUs,
  serverAt: 0 as ServerUs,
  driftPpm: 0,
  errorBoundUs: 0,
  errorGrowthPpm: 0,
}

describe('SlewableInterval', () => {
  it('is what one exchange says, and recedes by 700 µs a second', () => {
    const interval = new SlewableInterval()
    interval.narrow(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 100, backUs: 300 }))
    expect(interval.errorBoundUs(equalClocks, 400 as LocalUs)).to.equal(300)
    expect(interval.errorBoundUs(equalClocks, 1_000_400 as LocalUs)).to.equal(1000)
  })

  it('keeps the tighter of what two exchanges say, as long as it is worth something', () => {
    const interval = new SlewableInterval()
    interval.narrow(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 100, backUs: 100 }))
    interval.narrow(exchangeOf({ sentAt: 999_800, offsetUs: 0, outwardUs: 2000, backUs: 2000 }))
    expect(interval.errorBoundUs(equalClocks, 1_003_800 as LocalUs)).to.be.closeTo(100 + 0.7 * 1003.8, 0.01)
    interval.narrow(exchangeOf({ sentAt: 1_999_800, offsetUs: 0, outwardUs: 200, backUs: 200 }))
    expect(interval.errorBoundUs(equalClocks, 2_000_200 as LocalUs)).to.be.closeTo(200, 0.3)
  })

  it('believes an exchange that nothing but a step explains', () => {
    const interval = new SlewableInterval()
    interval.narrow(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 100, backUs: 100 }))
    interval.narrow(exchangeOf({ sentAt: 100_000, offsetUs: 5000, outwardUs: 100, backUs: 100 }))
    expect(interval.errorBoundUs(equalClocks, 100_200 as LocalUs)).to.be.closeTo(5100, 0.2)
  })

  it('contains what it did before and after readings were corrected, for nobody knows between which of them the clock was slewed', () => {
    const interval = new SlewableInterval()
    interval.narrow(exchangeOf({ sentAt: 0, offsetUs: 0, outwardUs: 100, backUs: 100 }))
    interval.correct(300)
    expect(interval.errorBoundUs({ ...equalClocks, serverAt: 100 as ServerUs }, 200 as LocalUs)).to.be.closeTo(300, 0.2)
  })

  for (const [name, path, calmUs] of [
    ['a quiet LAN', quietLan, 1_150],
    ['good Wi-Fi', goodWifi, 2_200],
    ['busy Wi-Fi', busyWifi, 4_100],
    ['bad Wi-Fi', badWifi, 7_800],
  ] as const)
    it(`contains the truth on ${name} while a clock is slewed to and fro, noticed or not, and is below ${calmUs} µs 99 % of the time when none is`, () => {
      const everyS = 0.02
      const calm: number[] = []
      for (const ppm of [20, -100, 500])
        for (let seed = 1; seed <= 3; seed++) {
          const world = new SimulatedWorld(seed, path)
          world.runUntil(100)
          for (let s = 0; s < 140; s += everyS) {
            const slewedPpm = s < 40 ? 0 : s < 80 ? ppm : s < 120 ? -ppm : 0
            world.serverStepUs += everyS * slewedPpm
            world.runUntil(100 + s + everyS)
            const boundUs = world.sync.slewedErrorBoundUs(world.localNow)!
            const roundingUs = 1 + everyS * Math.abs(slewedPpm)
            expect(Math.abs(world.errorUs), `seed ${seed}, ${ppm} ppm after ${s} s`).to.be.below(boundUs + roundingUs)
            if (s < 40) calm.push(boundUs)
          }
        }
      expect(quantile(Float64Array.from(calm).sort(), 0.99)).to.be.below(calmUs)
    })
})
