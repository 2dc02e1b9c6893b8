import { expect } from 'chai'
import type { ClockFilter, RememberedDrift } from '../src/clock-filter.js'
import type { ClockModel } from '../src/clock-model.js'
import { EnvelopeFilter } from '../src/envelope-filter.js'
import type { Exchange } from '../src/exchange.js'
import type { LocalUs } from '../src/reading.js'
import { SendspinFilter } from '../src/sendspin-filter.js'
import { type Figures, quantile, runWorlds } from './figures.js'
import { badWifi, busyWifi, goodWifi, type PathTraits, quietLan } from './path.js'
import { SimulatedWorld } from './simulated-world.js'

const seeds = 100
const untilS = 300

interface Goal {
  readonly name: string
  readonly path: PathTraits
  readonly settledS: number
  /** 99 % of the errors after `settledS` are below this. */
  readonly p99Us: number
  /** Largest jump of the model from one reply to the next, 99 %. */
  readonly stepP99Us: number
  readonly probesPerS: number
}

// Crystals within ±100 ppm here and ±20 ppm there, both wandering 0.02 ppm per √(10 s).
const goals: readonly Goal[] = [
  { name: 'a quiet LAN', path: quietLan, settledS: 10, p99Us: 15, stepP99Us: 2, probesPerS: 3 },
  { name: 'good Wi-Fi', path: goodWifi, settledS: 60, p99Us: 40, stepP99Us: 3, probesPerS: 13 },
  { name: 'busy Wi-Fi', path: busyWifi, settledS: 60, p99Us: 150, stepP99Us: 5, probesPerS: 29 },
  { name: 'bad Wi-Fi', path: badWifi, settledS: 60, p99Us: 500, stepP99Us: 17, probesPerS: 22 },
]

describe('Accuracy', () => {
  for (const goal of goals) {
    describe(`on ${goal.name}`, () => {
      let figures: Figures
      before(() => {
        figures = runWorlds(goal.path, { seeds, settledS: goal.settledS, untilS })
      })

      it(`is within ${goal.p99Us} µs in 99 % of the time after ${goal.settledS} s`, () => {
        expect(quantile(figures.settledUs, 0.99)).to.be.below(goal.p99Us)
      })

      it(`moves the model by less than ${goal.stepP99Us} µs from reply to reply`, () => {
        expect(quantile(figures.stepsUs, 0.99)).to.be.below(goal.stepP99Us)
      })

      it(`needs ${goal.probesPerS} probes a second or fewer over five minutes`, () => {
        expect(figures.probesPerS).to.be.at.most(goal.probesPerS)
      })

      it('never errs by more than its bound', () => {
        expect(figures.replies).to.be.above(seeds * untilS)
        expect(figures.violations).to.equal(0)
      })
    })
  }

  it('is within 500 µs one second after the first probe on good Wi-Fi', () => {
    const { firstSecondUs } = runWorlds(goodWifi, { seeds: 1000, settledS: 1, untilS: 1 })
    expect(quantile(firstSecondUs, 0.999)).to.be.below(500)
  })

  for (const { name, path } of goals.slice(2))
    it(`errs by what it says while it learns the clock, on ${name}`, () => {
      for (const atS of [1, 2, 3, 5]) {
        let squares = 0
        for (let seed = 1; seed <= seeds; seed++) {
          const filter = new EnvelopeFilter()
          const world = new SimulatedWorld(seed, path, { filter })
          world.runUntil(atS)
          squares += (world.errorUs / filter.likelyErrorUs!) ** 2 / seeds
        }
        expect(Math.sqrt(squares), `after ${atS} s`).to.be.within(0.5, 1.5)
      }
    })

  for (const { name, path } of goals)
    it(`beats the filter of the specification, asked as often, on ${name}`, () => {
      const theirFilter = { options: () => ({ filter: new AskedAlike(new SendspinFilter()) }) }
      const later = { seeds: 40, settledS: 10, untilS: 120 }
      const [ours, theirs] = [runWorlds(path, later), runWorlds(path, { ...later, ...theirFilter })]
      expect(theirs.probesPerS).to.be.closeTo(ours.probesPerS, 0.01 * ours.probesPerS)
      expect(quantile(ours.settledUs, 0.99)).to.be.below(quantile(theirs.settledUs, 0.99))

      const early = { seeds: 400, settledS: 1, untilS: 1 }
      const [oursEarly, theirsEarly] = [runWorlds(path, early), runWorlds(path, { ...early, ...theirFilter })]
      expect(quantile(oursEarly.firstSecondUs, 0.95)).to.be.below(quantile(theirsEarly.firstSecondUs, 0.95))
    })
})

/** A filter that is asked when the one used by default would be, whatever it thinks of its own uncertainty. */
class AskedAlike implements ClockFilter {
  readonly #filter: ClockFilter
  readonly #pace = new EnvelopeFilter()

  constructor(filter: ClockFilter) {
    this.#filter = filter
  }

  add(exchange: Exchange): void {
    this.#filter.add(exchange)
    this.#pace.add(exchange)
  }

  disturb(at: LocalUs): void {
    this.#filter.disturb(at)
    this.#pace.disturb(at)
  }

  get uncertaintyUs(): number | undefined {
    return this.#pace.uncertaintyUs
  }

  get likelyErrorUs(): number | undefined {
    return this.#pace.likelyErrorUs
  }

  get model(): ClockModel | undefined {
    return this.#filter.model
  }

  get drift(): RememberedDrift | undefined {
    return this.#filter.drift
  }

  get ignored(): number {
    return this.#filter.ignored
  }

  get steps(): number {
    return this.#filter.steps
  }

  get doubtUs(): number {
    return this.#filter.doubtUs
  }
}
