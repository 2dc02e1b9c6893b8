import { expect } from 'chai'
import { House } from '../../src/house.js'
import type { LinkPreset } from '../../src/link-presets.js'
import { defaultScenario } from '../../src/scenario.js'

/** Three rooms that buffer a live programme as they see fit, on cards that need little. */
function listen(network: LinkPreset, seed: number, forS = 150) {
  const house = new House({
    ...defaultScenario,
    rooms: 3,
    hours: forS / 3600,
    seed,
    network,
    card: 'small-buffer',
    codec: 'opus',
    faults: [],
  })
  house.runUntil(1.5)
  house.server.queue(true)
  const bufferedMs: number[] = []
  for (let atS = 10; atS <= forS; atS += 5) {
    house.runUntil(atS)
    bufferedMs.push(...house.rooms.map(({ player, clock }) => player.status(clock.now()).bufferedMs))
  }
  const firstSoundS = house.rooms.map(({ ear }) => (ear.firstSoundUs ?? Number.POSITIVE_INFINITY) / 1e6)
  const gaps = house.rooms.map(({ ear }) => ear.gaps.count)
  return { gaps, firstSoundS, bufferedMs, mostBufferedMs: Math.max(...bufferedMs) }
}

describe('A live programme that rooms buffer as they see fit', () => {
  for (const [network, lowMs, highMs] of [
    ['quiet-lan', 20, 60],
    ['home-wifi', 100, 300],
    ['busy-wifi', 250, 900],
    ['edge-of-range', 1000, 2300],
  ] as const) {
    for (const seed of [1, 2, 3]) {
      it(`is held for ${lowMs} to ${highMs} ms and has no gap on ${network} (seed ${seed})`, function () {
        this.timeout(60_000)
        const { gaps, firstSoundS, mostBufferedMs } = listen(network, seed)
        expect(Math.max(...firstSoundS)).to.be.below(15)
        expect(mostBufferedMs).to.be.within(lowMs, highMs)
        expect(gaps).to.deep.equal([0, 0, 0])
      })
    }
  }

  it('is begun with a little more on a cable, and comes down when its rooms have started, without a gap', function () {
    this.timeout(60_000)
    const { gaps, bufferedMs } = listen('quiet-lan', 1, 300)
    const mean = (values: readonly number[]): number => values.reduce((sum, ms) => sum + ms) / values.length
    const [first, last] = [bufferedMs.slice(0, 15), bufferedMs.slice(-15)]
    expect(mean(first) - mean(last)).to.be.within(5, 20)
    expect(gaps).to.deep.equal([0, 0, 0])
  })
})
