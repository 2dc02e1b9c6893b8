import { expect } from 'chai'
import fc from 'fast-check'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { VirtualCard } from '../src/virtual-card.js'

const config = { sampleRate: 48_000, ppm: 0, bufferFrames: 2_880, delayNoiseUs: 0 }
const cardOf = (part: Partial<typeof config> = {}) => new VirtualCard({ ...config, ...part }, new SeededRandom(1))

describe('VirtualCard', () => {
  it('starts when its buffer is full, and not before', () => {
    const card = cardOf()
    card.write(2_879, 0)
    expect(card.isRunning(5_000)).to.equal(false)
    card.write(1, 10_000)
    expect(card.isRunning(10_000)).to.equal(true)
    expect(card.nextHeardAtUs(10_000)).to.be.closeTo(70_000, 1e-6)
  })

  it('takes no more than it has room for', () => {
    const card = cardOf()
    expect([card.write(2_000, 0), card.write(2_000, 0), card.write(1, 0)]).to.deep.equal([2_000, 880, 0])
    expect(card.freeFrames(10_000)).to.equal(480)
  })

  it('plays at the pace of its crystal however often it is asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -200, max: 200, noNaN: true }),
        fc.array(fc.integer({ min: 100, max: 30_000 }), { minLength: 5, maxLength: 60 }),
        (ppm, waitsUs) => {
          const card = cardOf({ ppm })
          card.write(config.bufferFrames, 0)
          let now = 0
          let written = config.bufferFrames
          for (const waitUs of waitsUs) {
            now += waitUs
            const heardAtUs = card.nextHeardAtUs(now)
            expect(heardAtUs).to.be.closeTo(written / (0.048 * (1 + ppm * 1e-6)), 1e-3)
            written += card.write(card.freeFrames(now), now)
          }
          expect(card.underruns).to.equal(0)
          expect(written - config.bufferFrames).to.equal(Math.floor(now * 0.048 * (1 + ppm * 1e-6)))
        },
      ),
    )
  })

  it('runs dry once when it is not fed, forgets the past and waits to be filled again', () => {
    const card = cardOf()
    card.write(2_880, 0)
    expect(card.isRunning(59_999)).to.equal(true)
    expect(card.isRunning(60_000)).to.equal(false)
    expect(card.isRunning(1_000_000)).to.equal(false)
    expect(card.underruns).to.equal(1)
    card.write(2_880, 1_000_000)
    expect(card.nextHeardAtUs(1_000_000)).to.be.closeTo(1_060_000, 1e-6)
  })

  it('says when a period will be free', () => {
    const card = cardOf({ ppm: 100 })
    card.write(2_880, 0)
    const freeAtUs = card.freeAtUs(480, 0)!
    expect(card.freeFrames(freeAtUs - 1)).to.equal(479)
    expect(card.freeFrames(freeAtUs + 1)).to.equal(480)
  })

  it('reports a delay that is right on average and as noisy as it claims', () => {
    const card = cardOf({ delayNoiseUs: 500 })
    card.write(2_880, 0)
    let sum = 0
    let squares = 0
    const reports = 5_000
    for (let i = 0; i < reports; i++) {
      const errorUs = (card.reportDelayFrames(0) - 2_880) / 0.048
      sum += errorUs
      squares += errorUs ** 2
    }
    expect(sum / reports).to.be.closeTo(0, 25)
    expect(Math.sqrt(squares / reports)).to.be.closeTo(500, 25)
  })

  it('reports the same noise for the same seed', () => {
    const reports = () => {
      const card = cardOf({ delayNoiseUs: 500 })
      card.write(2_880, 0)
      return Array.from({ length: 20 }, () => card.reportDelayFrames(0))
    }
    expect(reports()).to.deep.equal(reports())
  })
})
