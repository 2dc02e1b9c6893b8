import { expect } from 'chai'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { OneSidedWatch } from '../src/one-sided-watch.js'

/** Lateness of a thread that is woken within 100 µs, median, and now and then much later. */
const wakeUs = (random: SeededRandom, medianUs = 100): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  return medianUs * Math.exp(0.8 * normal)
}

/** How far a clock has run off, 20 µs a report, when that is noticed. */
function noticedUs(seed: number, stepUs: number): number {
  const random = new SeededRandom(seed)
  const watch = new OneSidedWatch()
  for (let n = 0; n < 1000; n++) expect(watch.add(wakeUs(random) - 30)).to.equal(0)
  for (let movedUs = stepUs; ; movedUs += stepUs) if (watch.add(wakeUs(random) - 30 + movedUs) !== 0) return movedUs
}

describe('OneSidedWatch', () => {
  it('notices that the line runs off by 500 ppm, 40 ms a report, before it is 0.7 ms off, or half a millisecond where reports become earlier', () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(noticedUs(seed, 20)).to.be.below(700)
      expect(noticedUs(seed, -20)).to.be.above(-500)
    }
  })

  it('takes no half minute of load for it, with which the thread wakes twice as late', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new SeededRandom(seed)
      const watch = new OneSidedWatch()
      for (let n = 0; n < 1500; n++) {
        // The line is along the earliest of a few, which load makes later as well.
        const medianUs = n < 750 ? 100 : 200
        expect(watch.add(wakeUs(random, medianUs) - 0.3 * medianUs), `${seed}`).to.equal(0)
      }
    }
  })
})
