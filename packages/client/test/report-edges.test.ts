import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { ReportEdges } from '../src/report-edges.js'

const periodUs = 40_000

/** Edges of reports that are as late as `lateUs` says, each. */
function edgesOf(reports: number, lateUs: (n: number) => number): ReportEdges {
  const edges = new ReportEdges()
  edges.begin({ heardAt: 0 as LocalUs, ppm: 0, sigmaPpm: 100 })
  for (let n = 0; n < reports; n++) {
    if (n > 0) edges.advance(periodUs)
    edges.add((n * periodUs + lateUs(n)) as LocalUs, 0)
  }
  return edges
}

describe('ReportEdges', () => {
  const normal = (random: SeededRandom): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

  it('tell most of even noise, not of noise with a tail on one side or both', () => {
    for (const reports of [100, 700])
      for (let seed = 1; seed <= 10; seed++) {
        const random = new SeededRandom(seed)
        const tellMost = (lateUs: () => number, variance: number): boolean =>
          edgesOf(reports, lateUs).tellMost(variance)
        expect(
          tellMost(() => 2000 * random.uniform() - 1000, 1e6 / 3),
          `even ${seed}`,
        ).to.equal(true)
        expect(
          tellMost(() => -100 * Math.log(1 - random.uniform()), 1e4),
          `late ${seed}`,
        ).to.equal(false)
        expect(
          tellMost(() => 500 * normal(random), 25e4),
          `normal ${seed}`,
        ).to.equal(false)
      }
  })

  it('say that the line has moved, by about as much as it has, once a few reports lie beyond', () => {
    const random = new SeededRandom(1)
    const even = (): number => 2000 * random.uniform() - 1000
    expect(edgesOf(1000, even).movedUs).to.equal(0)
    let found = 0
    for (let more = 1; more < 100 && found === 0; more++)
      found = edgesOf(500 + more, (n) => even() + Math.max(0, n - 500) * 20).movedUs === 0 ? 0 : more * 20
    expect(found).to.be.within(100, 700)
  })

  it('are looked for anew every minute: a crystal that bends by 0.3 ppm a minute is followed within 20 µs', () => {
    const random = new SeededRandom(2)
    const bentUs = (s: number): number => (0.3 / 60 / 2) * s * s
    for (const seconds of [100, 200, 300]) {
      const edges = edgesOf(seconds * 25, (n) => 2000 * random.uniform() - 1000 + bentUs(n * 0.04))
      const errorUs = edges.strip.heardAt - (seconds * 25 - 1) * periodUs - bentUs(seconds)
      expect(errorUs).to.be.within(-20, 20)
      expect(edges.movedUs).to.equal(0)
    }
  })
})
