import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveHold } from '../src/live-hold.js'
import { LiveWorld, type SourceHabits } from './live-world.js'

const aheadUs = 10_000

/** Holds what a source that lags by `lagMs(second)`, a hundred times a second, is found to need; asked every 5 ms. */
function hold(lagMs: (second: number) => number, seconds: number, mostMs = 200) {
  const held = new LiveHold(15, mostMs)
  const targets: number[] = []
  for (let ms = 0; ms < seconds * 1000; ms += 5) {
    const at = (ms * 1000) as ServerUs
    if (ms % 10 === 0) held.lagged(lagMs(ms / 1000) * 1000, at)
    targets.push(held.targetUs(aheadUs, ms > 200, at) / 1000)
  }
  return { targets, at: (second: number) => targets[second * 200]! }
}

const once = (when: number, lag: number, usual: number) => (second: number) =>
  Math.abs(second - when) < 1e-6 ? lag : usual

describe('What is held of a live source', () => {
  it('is its lumps and what is taken of it at a time', () => {
    for (const lumpMs of [12, 25, 60]) expect(hold(() => lumpMs, 30).at(29)).to.be.closeTo(lumpMs + 10, 0.01)
    expect(hold(() => 3, 30).at(29)).to.be.closeTo(11 + 10, 0.01)
  })

  it('grows at once by what is later than can be waited for, and is given back after three minutes, slowly', () => {
    const { at, targets } = hold(once(20, 30, 10), 400)
    expect(at(19)).to.equal(21)
    expect(at(21)).to.be.closeTo(11 + 1.25 * 19 - 10 + 10, 0.01)
    expect(at(185)).to.equal(at(21))
    expect(at(399)).to.equal(21)
    for (const [i, target] of targets.entries()) if (i > 0) expect(targets[i - 1]! - target).to.be.below(0.0011)
  })

  it('does not grow with what can be waited for', () => {
    expect(hold(once(20, 18, 10), 60).at(30)).to.equal(21)
  })

  it('takes what was far worse than all else for a few times the next worst, and a pause for nothing', () => {
    expect(hold(once(20, 150, 10), 60).at(30)).to.be.closeTo(11 + 1.25 * 30, 0.01)
    expect(hold(once(20, 250, 10), 60).at(30)).to.equal(21)
  })

  it('is not what a program that has just started is late', () => {
    expect(hold((second) => (second < 0.4 && second % 0.1 < 0.01 ? 60 : 10), 20).at(1)).to.equal(21)
  })

  it('is no more than is allowed', () => {
    expect(hold(() => 90, 30, 60).at(29)).to.be.at.most(60)
  })
})

describe('A live source of which as little is held as it needs', () => {
  const config = { sampleRate: 8000, channels: 2, targetMs: 200, leastTargetMs: 15, capacityMs: 3000 } as const
  const play = (habits: SourceHabits, forMs: number) => {
    const world = new LiveWorld(config, habits)
    world.run(forMs)
    return world
  }
  const agesMs = (world: LiveWorld, fromMs: number, toMs: number) =>
    world.between(fromMs, toMs).map(({ ageMs }) => ageMs ?? Number.POSITIVE_INFINITY)

  it('is heard soon after it came, without a gap, in lumps of 10 ms and whatever its crystal', () => {
    for (const ppm of [80, -80]) {
      const world = play({ ppm, lumpMs: 10, delayMs: () => 0 }, 300_000)
      // Pulled in pieces of 20 ms, and with a fade and half a filter of 16 frames: 27 ms ahead.
      for (const ageMs of agesMs(world, 1000, 300_000)) expect(ageMs).to.be.within(35, 42)
      expect(world.reclock.status.underruns).to.equal(0)
    }
  })
})
