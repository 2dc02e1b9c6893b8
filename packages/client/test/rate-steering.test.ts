import { expect } from 'chai'
import fc from 'fast-check'
import { RateSteering } from '../src/rate-steering.js'

const dtS = 0.02

/** Plays `seconds`, `ageS` after a start, at a rate that should be `truePpm` while estimates say `knownPpm`; errors in µs, rates in ppm. */
function play({ startUs = 0, truePpm = 0, knownPpm = 0, doubtUs = 0, seconds = 60, ageS = 0 }) {
  const steering = new RateSteering()
  steering.start(knownPpm)
  for (let t = 0; t < ageS; t += dtS) steering.update(knownPpm, 0, doubtUs, dtS)
  const errors = [startUs]
  const rates: number[] = []
  let lateUs = startUs
  for (let t = 0; t < seconds; t += dtS) {
    const ppm = steering.update(knownPpm, lateUs, doubtUs, dtS)
    rates.push(ppm)
    lateUs += (truePpm - ppm) * dtS
    errors.push(lateUs)
  }
  return { errors, rates }
}

const steepest = (rates: readonly number[]): number =>
  Math.max(...rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!) / dtS))

describe('RateSteering', () => {
  it('plays faster when late and slower when early', () => {
    expect(new RateSteering().update(0, 100, 0, dtS)).to.be.above(0)
    expect(new RateSteering().update(0, -100, 0, dtS)).to.be.below(0)
  })

  it('plays at the rate the estimates suggest when there is no error', () => {
    const steering = new RateSteering()
    steering.start(-73)
    expect(steering.update(-73, 0, 5, dtS)).to.equal(-73)
  })

  it('removes an error entirely, along the curve of a double pole and without overshoot', () => {
    const calmPerS = 0.15
    const { errors } = play({ startUs: 15, seconds: 300 })
    const wrongUs = errors.map((error, i) => {
      const wt = calmPerS * i * dtS
      return Math.abs(error - 15 * (1 + wt) * Math.exp(-wt))
    })
    expect(Math.max(...wrongUs)).to.be.below(0.1)
    expect(Math.min(...errors)).to.be.above(-0.01)
  })

  it('is held off by no more than 15 µs for every ppm that the estimates stay wrong by', () => {
    const { errors } = play({ truePpm: 1, seconds: 300 })
    expect(Math.max(...errors.map(Math.abs))).to.be.below(15)
  })

  it('brings a large error below a third of a millisecond in five seconds and below ten microseconds in a minute', () => {
    for (const doubtUs of [0, 50, 1000]) {
      const { errors } = play({ startUs: 1000, doubtUs })
      expect(Math.max(...errors.slice(5 / dtS).map(Math.abs))).to.be.below(330)
      expect(Math.abs(errors.at(-1)!)).to.be.below(10)
    }
  })

  it('slopes its rate by no more than 0.4 ppm a second for errors that are small or within doubt, once estimates are not new', () => {
    for (const [startUs, doubtUs] of [
      [5, 0],
      [20, 0],
      [60, 60],
      [120, 60],
      [130, 130],
      [130, 1000],
      [130, Number.POSITIVE_INFINITY],
    ] as const) {
      const { errors, rates } = play({ startUs, doubtUs, ageS: 90, seconds: 120 })
      expect(steepest(rates)).to.be.below(0.4)
      expect(Math.abs(errors.at(-1)!)).to.be.below(1)
      expect(Math.min(...errors)).to.be.above(-0.06 * startUs)
    }
  })

  it('follows new estimates at once, the less the surer they are', () => {
    const left = (doubtUs: number): number =>
      Math.abs(play({ startUs: 15, doubtUs, ageS: 10, seconds: 3 }).errors.at(-1)!)
    expect(left(100)).to.be.below(0.5)
    expect(left(10)).to.be.within(2, 10)
    expect(left(1)).to.be.above(12)
  })

  it('takes estimates for new after a start, and when they are doubted much more than before, but not after a pause', () => {
    const leftAfter = (happens: (steering: RateSteering) => void): number => {
      const steering = new RateSteering()
      for (let t = 0; t < 100; t += dtS) steering.update(0, 0, 30, dtS)
      happens(steering)
      let lateUs = 15
      for (let t = 0; t < 2; t += dtS) lateUs -= dtS * steering.update(0, lateUs, 100, dtS)
      return lateUs
    }
    const before = (doubtUs: number) => (steering: RateSteering) => void steering.update(0, 0, doubtUs, dtS)
    expect(leftAfter(before(100))).to.be.below(1)
    expect(
      leftAfter((steering) => {
        for (const doubtUs of [55, 100]) before(doubtUs)(steering)
        steering.start(0)
      }),
    ).to.be.above(13)
  })

  it('follows a step of the estimated rate in a slope', () => {
    const steering = new RateSteering()
    steering.start(0)
    for (let t = 0; t < 40; t += dtS) steering.update(0, 0, 10, dtS)
    const rates = Array.from({ length: 1000 }, () => steering.update(1, 0, 10, dtS))
    expect(steepest(rates)).to.be.below(0.3)
    expect(rates.at(-1)).to.be.closeTo(1, 0.05)
  })

  it('keeps a tone within a decibel of 84 though every second the estimates step by 5 µs and half a ppm', () => {
    const steering = new RateSteering()
    steering.start(0)
    const random = lcg(3)
    let [lateUs, knownPpm] = [0, 0]
    const slopes: number[] = []
    for (let halves = 0, before = 0; halves < 400; halves++) {
      if (halves % 2 === 0) {
        lateUs += 10 * (random() - 0.5)
        knownPpm = random() - 0.5
      }
      let ppm = 0
      for (let t = 0; t < 0.5; t += dtS) {
        ppm = steering.update(knownPpm, lateUs, 10, dtS)
        lateUs -= ppm * dtS
      }
      if (halves >= 30) slopes.push(2 * Math.abs(ppm - before))
      before = ppm
    }
    // 0.55 ppm/s by itself is 89.8 dB, and with the 84.3 dB of a dithered tone 83.2 (docs/sync-theory.md, 4.4)
    slopes.sort((a, b) => a - b)
    expect(slopes[Math.floor(slopes.length * 0.95)]).to.be.below(0.55)
  })

  it('never corrects by more than 300 ppm, or for errors beyond a millisecond 1000, whatever it is told', () => {
    for (const [mostUs, mostPpm] of [
      [1000, 300],
      [1e7, 1000],
    ] as const)
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.double({ min: -mostUs, max: mostUs, noNaN: true }), fc.double({ min: 0, noNaN: true }))),
          (told) => {
            const steering = new RateSteering()
            for (const [late, doubt] of told)
              expect(Math.abs(steering.update(0, late, doubt, dtS))).to.be.at.most(mostPpm)
          },
        ),
      )
  })

  it('has forgotten a hundred seconds at its limit within forty', () => {
    const steering = new RateSteering()
    for (let t = 0; t < 100; t += dtS) steering.update(0, 50_000, 10, dtS)
    for (let t = 0; t < 40; t += dtS) steering.update(0, 0, 10, dtS)
    expect(Math.abs(steering.update(0, 0, 10, dtS))).to.be.below(1)
  })
})

/** Numbers from 0 to 1, the same for the same seed (Numerical Recipes' generator). */
function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
