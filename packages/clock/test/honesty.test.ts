import { expect } from 'chai'
import { badWifi, busyWifi, goodWifi, type PathTraits, quietLan } from './path.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedWorld } from './simulated-world.js'

/** A path nobody tuned for: any base delay each way, any jitter, losses and stalls. */
function anyPath(random: SeededRandom): PathTraits {
  return {
    baseUs: random.between(20, 20_000),
    jitterMedianUs: random.between(5, 10_000),
    jitterSigma: random.between(0.2, 1.5),
    lossRate: random.between(0, 0.03),
    retransmitUs: 200_000,
    stallEveryS: random.between(2, 30),
    stallFromUs: 20_000,
    stallToUs: 400_000,
  }
}

function violationsOf(world: SimulatedWorld, untilS: number): number {
  let violations = 0
  world.runUntil(untilS, () => {
    if (world.dishonestyUs > 0) violations++
  })
  return violations
}

describe('The error bound', () => {
  it('holds in two thousand worlds, with a path of its own in each direction', function () {
    this.timeout(60_000)
    for (let seed = 1; seed <= 2000; seed++) {
      const random = new SeededRandom(seed)
      const world = new SimulatedWorld(seed, anyPath(random))
      world.down.traits = anyPath(random)
      expect(violationsOf(world, 20), `seed ${seed}`).to.equal(0)
    }
  })

  it('holds while the path keeps changing, for half an hour', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed)
      const world = new SimulatedWorld(seed, quietLan)
      for (let s = 60; s <= 1800; s += 60) {
        world.up.traits = anyPath(random)
        world.down.traits = anyPath(random)
        expect(violationsOf(world, s), `seed ${seed} until ${s} s`).to.equal(0)
      }
    }
  })

  it('holds while the crystal warms by 0.1 ppm a minute', () => {
    for (const path of [quietLan, goodWifi, busyWifi, badWifi])
      for (let seed = 1; seed <= 10; seed++) {
        const world = new SimulatedWorld(seed, path, {}, { swingPpmPerS: 0.1 / 60, swingUntilS: 600 })
        expect(violationsOf(world, 700)).to.equal(0)
      }
  })

  it('contains a constant asymmetry, which no estimate can see', () => {
    const world = new SimulatedWorld(1, quietLan)
    world.down.traits = { ...quietLan, baseUs: 4150 }
    world.runUntil(60)
    expect(Math.abs(world.errorUs)).to.be.within(1900, 2100)
    expect(world.dishonestyUs).to.be.below(0)
  })

  it('still holds, with a sound filter behind it, after a day', () => {
    const world = new SimulatedWorld(5, quietLan)
    expect(violationsOf(world, 86_400)).to.equal(0)
    expect(Math.abs(world.errorUs)).to.be.below(15)
    expect(world.sync.uncertaintyUs).to.be.within(1, 10)
    expect(world.sync.steps).to.equal(0)
  })
})
