import { expect } from 'chai'
import { BiasWatch } from '../src/bias-watch.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'

const even = (random: SeededRandom, us: number): number => us * (2 * random.uniform() - 1)

describe('BiasWatch', () => {
  it('is silent for an hour of noise, and says soon by how much a line is off', () => {
    const random = new SeededRandom(1)
    const watch = new BiasWatch(1 / 32, 30)
    for (let n = 0; n < 90_000; n++) expect(watch.add(even(random, 1000), 100, 1e6 / 3)).to.equal(0)
    let offUs = 0
    let reports = 0
    for (; offUs === 0; reports++) offUs = watch.add(600 + even(random, 1000), 100, 1e6 / 3)
    expect(reports).to.be.below(60)
    expect(offUs).to.be.within(350, 650)
  })

  it('judges nothing before it has seen enough, nor what is less than it was told', () => {
    const watch = new BiasWatch(1 / 4, 100)
    const said = Array.from({ length: 10 }, () => watch.add(1000, 0, 0) !== 0)
    expect(said.indexOf(true)).to.equal(3)
    watch.restart()
    for (let n = 0; n < 100; n++) expect(watch.add(99, 0, 0)).to.equal(0)
  })
})
