import { expect } from 'chai'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { binReports, ReportShape } from '../src/report-shape.js'

/** Feeds bins of reports, of which each is as late as `lateUs` says, to a shape that follows no line. */
function shapeOf(bins: number, lateUs: (n: number) => number): ReportShape {
  const shape = new ReportShape()
  for (let n = 0; n < bins * binReports; n++) shape.add(lateUs(n))
  return shape
}

const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

describe('ReportShape', () => {
  it('follows the earliest reports where noise only adds, and the middle where it has edges on both sides', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = new SeededRandom(seed)
      expect(shapeOf(40, () => -100 * Math.log(1 - random.uniform())).telling, `${seed}`).to.equal('earliest')
      expect(shapeOf(40, () => 2000 * random.uniform() - 1000).telling, `${seed}`).to.equal('middle')
      expect(shapeOf(40, () => 500 * normal(random)).telling, `${seed}`).to.equal('each')
    }
  })

  it('knows the middle of even noise twice as well as its mean, and says how well', () => {
    const random = new SeededRandom(1)
    const shape = shapeOf(10, () => 2000 * random.uniform() - 1000)
    const errors: number[] = []
    for (let bin = 0; bin < 400; bin++) {
      for (let n = 0; n < binReports; n++) shape.add(2000 * random.uniform() - 1000)
      errors.push(shape.binUs)
    }
    const rms = Math.sqrt(errors.reduce((sum, us) => sum + us * us, 0) / errors.length)
    expect(rms).to.be.below(577 / Math.sqrt(binReports) / 2)
    expect(Math.sqrt(shape.binVariance)).to.be.within(rms / 1.6, rms * 1.6)
  })

  it('is not led by one report that lies far beyond the edges', () => {
    const random = new SeededRandom(2)
    const shape = shapeOf(40, () => 2000 * random.uniform() - 1000)
    for (let n = 0; n < binReports; n++) shape.add(n === 7 ? 3000 : 2000 * random.uniform() - 1000)
    expect(shape.telling).to.equal('middle')
    expect(Math.abs(shape.binUs)).to.be.below(400)
  })
})
