import { expect } from 'chai'
import { OutlierRun } from '../src/outlier-run.js'

/** Whether each of some outliers, `stepS` apart, completes a slip. */
const slipsOf = (run: OutlierRun, outliersUs: readonly number[], stepS = 0.04): boolean[] =>
  outliersUs.map((us) => {
    run.advance(stepS)
    return run.add(us, 300)
  })

describe('OutlierRun', () => {
  it('takes eight outliers that agree for a slip, of their mean', () => {
    const run = new OutlierRun()
    const slips = slipsOf(run, [21_300, 21_100, 21_300, 21_500, 21_300, 21_300, 21_300, 21_300])
    expect(slips.indexOf(true)).to.equal(7)
    expect(run.meanUs).to.be.closeTo(21_300, 1e-6)
  })

  it('begins anew with one that does not agree', () => {
    const slips = slipsOf(
      new OutlierRun(),
      Array.from({ length: 40 }, (_, n) => (n % 5 === 4 ? -9_000 : 21_300)),
    )
    expect(slips).to.not.include(true)
  })

  it('takes no hiccup of less than 0.15 s for a slip', () => {
    const slips = slipsOf(
      new OutlierRun(),
      Array.from({ length: 60 }, () => 5_000),
      0.005,
    )
    expect(slips.indexOf(true)).to.be.within(29, 31)
  })
})
