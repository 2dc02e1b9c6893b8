/** Two crystals, a path each way, a filter that is fed, and the truth to compare it with. All in virtual time. */
import { Crystal } from './crystal.js'
import { Path, type PathTraits, Stalls } from './path.js'
import { SeededRandom } from './seeded-random.js'

export class SimulatedWorld {
  readonly random: SeededRandom
  readonly local: Crystal
  readonly server: Crystal
  readonly up: Path
  readonly down: Path

  constructor(seed: number, traits: PathTraits, swingPpmPerS = 0) {
    const random = new SeededRandom(seed)
    this.random = random
    const wanderPpm = 0.02
    this.local = new Crystal(random.fork(1), {
      startUs: random.between(0, 1e12),
      ppm: random.between(-100, 100),
      wanderPpm,
      swingPpmPerS,
      swingUntilS: 300,
    })
    this.server = new Crystal(random.fork(2), {
      startUs: random.between(0, 1e12),
      ppm: random.between(-20, 20),
      wanderPpm,
      swingPpmPerS: 0,
      swingUntilS: 0,
    })
    const stalls = new Stalls(random.fork(3), traits)
    this.up = new Path(random.fork(4), traits, stalls)
    this.down = new Path(random.fork(5), traits, stalls)
  }
}
