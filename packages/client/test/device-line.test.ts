import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { DeviceLine } from '../src/device-line.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'

const periodUs = 20_000

/** Follows reports that scatter by `noiseUs` (uniform, rms) of a device `ppm` slower than nominal; errors at the end, and what the line says of them. */
function follow(ppm: number, noiseUs: number, seed: number, queuedS = 0.1, reports = 500) {
  const random = new SeededRandom(seed)
  const line = new DeviceLine()
  let trueUs = 1e9
  for (let n = 0; n < reports; n++, trueUs += periodUs * (1 + ppm * 1e-6)) {
    // The queue is counted at the nominal rate.
    const reported = (trueUs - queuedS * ppm + (2 * random.uniform() - 1) * Math.sqrt(3) * noiseUs) as LocalUs
    if (n === 0) line.begin(reported, queuedS, noiseUs ** 2)
    else {
      line.advance(periodUs, queuedS)
      line.believe(line.surpriseOf(reported), noiseUs ** 2)
    }
  }
  trueUs -= periodUs * (1 + ppm * 1e-6)
  return { line, errorUs: line.heardAt - trueUs, errorPpm: line.ppm - ppm }
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

describe('DeviceLine', () => {
  it('knows position and rate as well as it says', () => {
    const runs = Array.from({ length: 60 }, (_, seed) => follow(60, 100, seed + 1))
    const { line } = runs[0]!
    expect(rms(runs.map(({ errorUs }) => errorUs))).to.be.within(0.75 * line.sigmaUs, 1.25 * line.sigmaUs)
    expect(rms(runs.map(({ errorPpm }) => errorPpm))).to.be.within(0.75 * line.sigmaPpm, 1.25 * line.sigmaPpm)
  })

  it('is as well known, and as right, however much is queued', () => {
    const [short, long] = [follow(150, 1, 1, 0), follow(150, 1, 1, 0.5)]
    expect(long.errorUs).to.be.within(-1, 1)
    expect(long.line.sigmaPpm).to.be.closeTo(short.line.sigmaPpm, 0.02)
  })

  it('takes what was measured a while ago for what it says of then', () => {
    const [line, late] = [new DeviceLine(), new DeviceLine()]
    for (const each of [line, late]) each.begin(1e9 as LocalUs, 0, 100)
    for (const each of [line, late]) each.advance(periodUs, 0)
    line.believe(50, 100)
    line.advance(1e6, 0)
    late.advance(1e6, 0)
    late.believe(50, 100, 1)
    expect(late.heardAt).to.be.closeTo(line.heardAt, 0.1)
    expect(late.ppm).to.be.closeTo(line.ppm, 0.01)
    expect(late.sigmaUs).to.be.closeTo(line.sigmaUs, 0.1)
  })

  it('keeps its rate, but not its place, when it begins again', () => {
    const { line } = follow(75, 1, 1)
    line.begin(9e12 as LocalUs, 0, 100)
    expect(line.heardAt).to.equal(9e12)
    expect(line.ppm).to.be.closeTo(75, 0.1)
  })
})
