import { expect } from 'chai'
import fc from 'fast-check'
import { RateSteering } from '../src/rate-steering.js'

const dtS = 0.02

/** Plays `seconds`, `ageS` after a start, at a rate that should be `truePpm` while estimates say `knownPpm`; errors in µs, rates in ppm. */
function play({ startUs = 0, truePpm = 0, knownPpm = 0, startPpm = 0, doubtUs = 0, seconds = 60, ageS = 0 }) {
  const steering = new RateSteering()
  steering.start(startPpm)
  for (let t = 0; t < ageS; t += dtS) steering.update(startPpm, 0, doubtUs, dtS)
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

  it('removes an error that doubt does not explain entirely, in one go and without overshoot', () => {
    for (const [startUs, doubtUs] of [
      [15, 5],
      [200, 100],
      [1000, 250],
    ] as const) {
      const { errors, rates } = play({ startUs, doubtUs, ageS: 60, seconds: 60 })
      expect(Math.min(...errors)).to.be.above(-0.01 * startUs)
      expect(Math.abs(errors.at(-1)!)).to.be.below(0.01 * startUs)
      const turns = rates.slice(2).filter((rate, i) => (rate - rates[i + 1]!) * (rates[i + 1]! - rates[i]!) < 0)
      expect(turns).to.have.length(1)
    }
  })

  it('rests at its rate whatever estimates do within eight tenths of their doubt', () => {
    const steering = new RateSteering()
    steering.start(30)
    for (let t = 0; t < 30; t += dtS) steering.update(30, 0, 100, dtS)
    const random = lcg(5)
    for (let t = 0; t < 30; t += dtS)
      expect(steering.update(25 + 10 * random(), 159 * (random() - 0.5), 100, dtS)).to.equal(30)
    expect(steering.update(25, 81, 100, dtS)).to.not.equal(30)
  })

  it('is held off by no more than it tolerates and 10 µs while estimates stay wrong by a ppm', () => {
    for (const [doubtUs, mostUs] of [
      [0, 2],
      [5, 4],
      [100, 80],
    ] as const) {
      const { errors } = play({ truePpm: 1, doubtUs, ageS: 60, seconds: 300 })
      expect(Math.max(...errors.map(Math.abs))).to.be.below(mostUs + 10)
    }
  })

  it('brings a large error below a third of a millisecond in five seconds and below ten microseconds in a minute', () => {
    for (const doubtUs of [0, 50, 1000]) {
      const { errors } = play({ startUs: 1000, doubtUs })
      expect(Math.max(...errors.slice(5 / dtS).map(Math.abs))).to.be.below(330)
      expect(Math.abs(errors.at(-1)!)).to.be.below(10)
    }
  })

  it('slopes its rate by no more than 0.4 ppm a second for errors that are small or within doubt, once estimates are old', () => {
    for (const [startUs, doubtUs] of [
      [5, 0],
      [20, 0],
      [60, 60],
      [250, 250],
      [250, 1000],
      [250, Number.POSITIVE_INFINITY],
    ] as const) {
      const { errors, rates } = play({ startUs, doubtUs, ageS: 600, seconds: 120 })
      expect(steepest(rates)).to.be.at.most(0.4001)
      expect(Math.abs(errors.at(-1)!)).to.be.below(1)
    }
  })

  it('removes an error the sooner, the newer estimates are', () => {
    const leftAfter = (seconds: number, ageS: number): number =>
      Math.abs(play({ startUs: 100, doubtUs: 100, ageS, seconds }).errors.at(-1)!)
    expect(leftAfter(0.6, 2)).to.be.below(1)
    expect(leftAfter(0.3, 10)).to.be.above(75)
    expect(leftAfter(1.5, 10)).to.be.below(1)
    expect(leftAfter(0.75, 60)).to.be.above(70)
    expect(leftAfter(2.5, 60)).to.be.below(1)
    expect(leftAfter(5, 600)).to.be.above(90)
    expect(leftAfter(40, 600)).to.be.below(1)
  })

  it('slopes its rate by no more than 600 ppm a second for errors of up to 2.5 ms, once estimates are not new', () => {
    for (const startUs of [50, 200, 2400])
      for (const ageS of [60, 600]) {
        const { errors, rates } = play({ startUs, doubtUs: 10, ageS, seconds: 6 })
        expect(steepest(rates)).to.be.below(600.1)
        expect(Math.abs(errors.at(-1)!)).to.be.below(0.01 * startUs)
      }
  })

  it('tolerates nothing that can be heard of new estimates', () => {
    expect(Math.abs(play({ startUs: 60, doubtUs: 250, ageS: 4, seconds: 1.1 }).errors.at(-1)!)).to.be.below(1)
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
    expect(leftAfter(before(100))).to.be.below(2)
    expect(
      leftAfter((steering) => {
        for (const doubtUs of [55, 100]) before(doubtUs)(steering)
        steering.start(0)
      }),
    ).to.be.above(13)
  })

  it('takes on another estimate of the rate when its own has made an error, in a slope', () => {
    const { errors, rates } = play({ truePpm: 1, knownPpm: 1, startPpm: 0, doubtUs: 10, ageS: 40, seconds: 120 })
    expect(rates[0]).to.equal(0)
    expect(steepest(rates)).to.be.below(2)
    expect(rates.at(-1)).to.be.closeTo(1, 1e-6)
    expect(Math.max(...errors)).to.be.below(15)
    expect(Math.abs(errors.at(-1)!)).to.be.below(0.1)
  })

  it('leaves three quarters of a tone untouched while estimates of 200 µs move as much as they do after half a minute', () => {
    const steering = new RateSteering()
    steering.start(0)
    for (let t = 0; t < 30; t += dtS) steering.update(0, 0, 200, dtS)
    const random = lcg(3)
    let lateUs = 0
    let lateSquares = 0
    const slopes: number[] = []
    for (let halves = 0; halves < 400; halves++) {
      const rates: number[] = []
      // A walk of 20 µs in a second: 200 µs in a hundred.
      lateUs += 20 * Math.sqrt(6) * (random() - 0.5)
      for (let t = 0; t < 0.5; t += dtS) {
        rates.push(steering.update(0, lateUs, 200, dtS))
        lateUs -= rates.at(-1)! * dtS
      }
      lateSquares += lateUs ** 2
      slopes.push(steepest(rates))
    }
    // 0.55 ppm/s by itself is 89.8 dB, and with the 84.3 dB of a dithered tone 83.2 (docs/sync-theory.md, 4.4).
    expect(slopes.filter((slope) => slope < 0.55).length / slopes.length).to.be.above(0.75)
    expect(Math.sqrt(lateSquares / 400)).to.be.below(0.5 * 200)
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
