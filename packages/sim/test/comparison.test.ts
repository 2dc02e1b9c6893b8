import type { Exchange, LocalUs, ServerUs } from '@tutti/clock'
import { measureOffset } from '@tutti/clock'
import { expect } from 'chai'
import { type ClockKeeper, compareClocks } from '../src/comparison.js'
import { contenders } from '../src/contenders.js'
import { drawComparison } from '../src/figures.js'

/** Believes the latest exchange, every second. */
class LatestKeeper implements ClockKeeper {
  model: ClockKeeper['model']
  probeDueAt: LocalUs | undefined
  start(at: LocalUs): void {
    this.probeDueAt = at
  }
  probeSent(at: LocalUs): void {
    this.probeDueAt = (at + 1e6) as LocalUs
  }
  replyReceived(exchange: Exchange): void {
    const localAt = exchange.replyReceivedAt
    const serverAt = (localAt + measureOffset(exchange).offsetUs) as ServerUs
    this.model = { localAt, serverAt, driftPpm: 0, errorBoundUs: 0, errorGrowthPpm: 0 }
  }
}

const settings = { network: 'home-wifi', hours: 0.1, seeds: [1, 2], crystalPpm: 100 } as const

describe('compareClocks', () => {
  it('finds what a naive keeper must get wrong: half the jitter, and the drift of a second', () => {
    const [row] = compareClocks([{ name: 'latest', create: () => new LatestKeeper() }], settings)
    expect(row!.laterUs.p50).to.be.within(100, 1000)
    expect(row!.laterUs.max).to.be.greaterThan(5000) // a stall of 20 ms one way is an error of 10 ms
    expect(row!.probesPerMinute).to.be.within(59, 61)
  })

  it('gives the same rows every time', () => {
    const figures = (): unknown => compareClocks(contenders, settings).map(({ later: _, ...row }) => row)
    expect(figures()).to.deep.equal(figures())
  })

  it('finds that a median without a slope lags by the drift of a hundred seconds', () => {
    const median = contenders.find(({ name }) => name.startsWith('median'))!
    const [row] = compareClocks([median], { ...settings, network: 'quiet-lan', hours: 0.2, seeds: [1] })
    expect(row!.laterUs.max).to.be.greaterThan(1000)
  })

  it('draws what it found', () => {
    expect(drawComparison(compareClocks(contenders, settings)))
      .to.include('</svg>')
      .and.not.match(/NaN|Infinity/)
  })
})
