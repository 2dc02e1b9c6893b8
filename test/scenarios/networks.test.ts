/** Half an hour in a house, on networks people have: how far apart the rooms are heard. */
import { defaultScenario, type LinkPreset, simulate } from '@tutti/sim'
import { expect } from 'chai'

const seeds = [1, 2, 3]
const run = (network: LinkPreset, seed: number) => simulate({ ...defaultScenario, network, seed, hours: 0.5 })

describe('Four rooms with crystals up to 100 ppm off, for half an hour', () => {
  const goals = [
    { network: 'quiet-lan', p99Us: 50 },
    { network: 'home-wifi', p99Us: 500 },
    { network: 'busy-wifi', p99Us: 1000 },
  ] as const
  for (const { network, p99Us } of goals) {
    it(`are heard within ${p99Us} µs 99 % of the time on ${network}, without a gap or a jump`, () => {
      for (const seed of seeds) {
        const report = run(network, seed)
        expect(report.spreadUs.p99, `seed ${seed}`).to.be.below(p99Us)
        const { underruns, starvations, gaps, jumps } = report
        expect({ underruns, starvations, gaps, jumps }).to.deep.equal({
          underruns: 0,
          starvations: 0,
          gaps: 0,
          jumps: 0,
        })
      }
    }).timeout(60_000)
  }

  it('give the same figures for the same seed, to the last bit, and others for another', () => {
    expect(run('home-wifi', 5)).to.deep.equal(run('home-wifi', 5))
    expect(run('home-wifi', 5).spreadUs).not.to.deep.equal(run('home-wifi', 6).spreadUs)
  }).timeout(60_000)
})
