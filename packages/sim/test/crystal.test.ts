import { expect } from 'chai'
import fc from 'fast-check'
import { Crystal, ordinaryCrystal, perfectCrystal } from '../src/crystal.js'
import { Random } from '../src/random.js'

const dayUs = 86_400e6

describe('Crystal', () => {
  it('runs at its nominal error when nothing disturbs it', () => {
    const crystal = new Crystal(new Random(1), { ...perfectCrystal, startUs: 500, ppm: 40 })
    expect(crystal.readAt(10e6)).to.be.closeTo(500 + 10e6 + 400, 1e-6)
  })

  it('inverts its own readings to a nanosecond, in the near future and past', () => {
    const crystal = new Crystal(new Random(2), { ...ordinaryCrystal, startUs: 3e9, ppm: -100 })
    let nowUs = 0
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20e6, noNaN: true }), fc.nat(100_000), (stepUs, backUs) => {
        nowUs += stepUs
        const atUs = Math.max(0, nowUs - backUs)
        expect(crystal.trueAt(crystal.readAt(atUs))).to.be.closeTo(atUs, 1e-3)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads the same whoever asks how often', () => {
    const often = new Crystal(new Random(3), ordinaryCrystal)
    const seldom = new Crystal(new Random(3), ordinaryCrystal)
    for (let atUs = 0; atUs < 600e6; atUs += 0.3e6) often.readAt(atUs)
    expect(often.readAt(600e6)).to.equal(seldom.readAt(600e6))
  })

  it('wanders as far in a day as crystals do, and not further', () => {
    const spans = Array.from({ length: 20 }, (_, seed) => {
      const crystal = new Crystal(new Random(seed), ordinaryCrystal)
      let [least, most] = [Infinity, -Infinity]
      for (let atUs = 0; atUs < dayUs; atUs += 60e6) {
        const ppm = (crystal.readAt(atUs + 60e6) - crystal.readAt(atUs)) / 60 - 1e6
        least = Math.min(least, ppm)
        most = Math.max(most, ppm)
      }
      return most - least
    })
    expect(Math.min(...spans)).to.be.greaterThan(1.5)
    expect(Math.max(...spans)).to.be.lessThan(10)
  })

  it('says so when asked about a past it has forgotten', () => {
    const crystal = new Crystal(new Random(1), perfectCrystal)
    crystal.readAt(3600e6)
    expect(() => crystal.readAt(0)).to.throw(RangeError)
  })
})
