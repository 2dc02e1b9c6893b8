import { expect } from 'chai'
import { Air } from '../src/air.js'
import { Distribution } from '../src/distribution.js'
import { Link } from '../src/link.js'
import { type LinkPreset, linkPresets } from '../src/link-presets.js'
import { Random } from '../src/random.js'
import { World } from '../src/world.js'

/** Sends a message down every `everyUs` for `forS` seconds; what arrives, in order, with its delay. */
function traverse(
  preset: LinkPreset,
  { everyUs = 20_000, forS = 600, direction = 'down' as 'up' | 'down', bytes = 500, air = (_: Air): void => {} } = {},
): { order: number[]; delaysUs: number[] } {
  const world = new World()
  const traits = linkPresets[preset]
  const random = new Random(`${preset} ${direction}`)
  const shared = new Air(random.fork('air'), traits.air)
  air(shared)
  const order: number[] = []
  const delaysUs: number[] = []
  const sentUs: number[] = []
  const link = new Link<number>(world, random.fork('link'), traits[direction], direction, shared, (n) => {
    order.push(n)
    delaysUs.push(world.nowUs - sentUs[n]!)
  })
  const sender = world.alarm(() => {
    link.send(sentUs.length, bytes)
    sentUs.push(world.nowUs)
    if (world.nowUs < forS * 1e6) sender.set(world.nowUs + everyUs)
  })
  sender.set(0)
  world.runUntil((forS + 120) * 1e6)
  expect(order).to.have.length(sentUs.length)
  return { order, delaysUs }
}

const quantile = (values: readonly number[], p: number): number => {
  const distribution = new Distribution()
  for (const value of values) distribution.add(value)
  return distribution.quantile(p)
}

describe('Link', () => {
  for (const preset of Object.keys(linkPresets) as LinkPreset[]) {
    it(`delivers everything in order on ${preset}, the same way each time`, () => {
      const first = traverse(preset, { forS: 120 })
      expect(first.order).to.deep.equal(first.order.map((_, i) => i))
      expect(traverse(preset, { forS: 120 })).to.deep.equal(first)
    })
  }

  it('is as quick as the places its presets are named after', () => {
    const median = (preset: LinkPreset): number => quantile(traverse(preset).delaysUs, 0.5)
    expect(median('quiet-lan')).to.be.within(150, 250)
    expect(median('home-wifi')).to.be.within(1500, 2500)
    expect(median('busy-wifi')).to.be.within(4500, 9000)
    expect(median('edge-of-range')).to.be.within(12_000, 60_000)
  })

  it('has a lost message sent again as soon as the next one shows it, and by timeout where none soon follows', () => {
    const lateUs = (everyUs: number): number => {
      const { delaysUs } = traverse('microwave-on', { everyUs, forS: 3000 })
      return quantile(delaysUs, 0.999) - quantile(delaysUs, 0.9)
    }
    expect(lateUs(20_000)).to.be.below(100_000)
    expect(lateUs(5_000_000)).to.be.above(150_000)
  })

  it('delays those behind a stalled message, so delays fall by the spacing', () => {
    const { delaysUs } = traverse('edge-of-range', { everyUs: 5000, forS: 60 })
    const stalled = delaysUs.findIndex((delayUs) => delayUs > 100_000)
    expect(stalled).to.be.greaterThan(-1)
    expect(delaysUs[stalled + 1]! - delaysUs[stalled]!).to.be.closeTo(-5000, 1)
  })

  it('fills only one direction with other people’s downloads', () => {
    const down = quantile(traverse('asymmetric-queue', { forS: 3600, everyUs: 100_000 }).delaysUs, 0.9)
    const up = quantile(traverse('asymmetric-queue', { forS: 3600, everyUs: 100_000, direction: 'up' }).delaysUs, 0.9)
    expect(down).to.be.greaterThan(15_000)
    expect(up).to.be.lessThan(6_000)
  })

  it('makes sparse messages wait for a beacon when the radio sleeps, and dense ones not', () => {
    const sparse = traverse('power-save', { everyUs: 1_030_000 })
    expect(quantile(sparse.delaysUs, 0.5)).to.be.within(40_000, 65_000) // half a beacon interval
    expect(quantile(sparse.delaysUs, 0.98)).to.be.lessThan(110_000)
    expect(quantile(traverse('power-save', { everyUs: 20_000 }).delaysUs, 0.5)).to.be.lessThan(5000)
  })

  it('resumes after an outage when TCP tries again, not before the network is back', () => {
    const { delaysUs } = traverse('quiet-lan', { forS: 30, air: (air) => air.loseNetwork(10e6, 14e6) })
    // Retries of what was sent at 10 s: 0.2, 0.6, 1.4, 3.0, 6.2 s later.
    expect(Math.max(...delaysUs)).to.be.closeTo(6.2e6, 0.05e6)
  })

  it('waits twice as long for each further time a packet is lost, and no longer', () => {
    const { delaysUs } = traverse('edge-of-range', { forS: 3600, everyUs: 100_000, bytes: 10_000 })
    // Of 36 000 messages of 7 packets 2500 lose one, 25 of these twice and one three times: 0.2, 0.4 and 0.8 s.
    expect(Math.max(...delaysUs)).to.be.within(0.6e6, 3e6)
  })

  it('waits for its own earlier bytes', () => {
    const { delaysUs } = traverse('edge-of-range', { everyUs: 100_000, bytes: 60_000, forS: 60 })
    expect(Math.min(...delaysUs)).to.be.greaterThan(96_000) // 60 kB at 5 Mbit/s
  })
})
