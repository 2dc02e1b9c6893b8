import { expect } from 'chai'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { ReportNoise } from '../src/report-noise.js'

const deviationAfter = (reports: number, surpriseUs: (n: number) => number, limitUs = 5_000): number => {
  const noise = new ReportNoise()
  for (let n = 0; n < reports; n++) noise.learn(surpriseUs(n), limitUs)
  return Math.sqrt(noise.variance)
}

describe('ReportNoise', () => {
  it('learns how far reports scatter, from a second of an exact device on', () => {
    expect(deviationAfter(50, () => 0)).to.equal(10)
    const random = new SeededRandom(1)
    expect(deviationAfter(400, () => 2000 * random.uniform() - 1000)).to.be.within(500, 650)
  })

  it('does not take for noise that the line runs off', () => {
    expect(deviationAfter(400, (n) => 20 * n)).to.be.below(30)
  })

  it('counts no difference for more than it is told', () => {
    expect(deviationAfter(400, (n) => (n % 2) * 1e6, 300)).to.be.closeTo(300 / Math.SQRT2, 1)
  })
})
