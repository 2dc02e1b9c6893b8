/** What docs/sync-theory.md says of the steering as a loop, compared with the steering itself. */
import { expect } from 'chai'
import { RateSteering } from '../src/rate-steering.js'

const periodS = 0.02

interface Loop {
  readonly errorUs: number
  readonly doubtUs: number
  readonly ageS: number
  /** What is played of a change of the rate. */
  readonly gain?: number
  /** The steering is told the error as it was so long before. */
  readonly delayS?: number
}

/** The largest error, in µs, in the last of `seconds`' hundred. */
function settled({ errorUs, doubtUs, ageS, gain = 1, delayS = 0 }: Loop, seconds = 400): number {
  const steering = new RateSteering()
  steering.start(0)
  for (let t = 0; t < ageS; t += periodS) steering.update(0, 0, doubtUs, periodS)
  const errors = [errorUs]
  for (let t = 0; t < seconds; t += periodS) {
    const told = errors[Math.max(0, errors.length - 1 - Math.round(delayS / periodS))]!
    errors.push(errors.at(-1)! - gain * steering.update(0, told, doubtUs, periodS) * periodS)
  }
  return Math.max(...errors.slice(-100 / periodS).map(Math.abs))
}

const errorsUs = [15, 100, 1000, 3000]

describe('RateSteering as a loop', () => {
  it('settles within what it tolerates though rates act by a quarter, or by half more than they should', () => {
    for (const gain of [0.25, 0.5, 1.5])
      for (const errorUs of errorsUs)
        for (const [doubtUs, toleratedUs] of [
          [5, 4],
          [250, 200],
        ] as const)
          expect(settled({ errorUs, doubtUs, ageS: 60, gain })).to.be.below(toleratedUs + 1)
  })

  it('settles though it is told everything a fifth of a second late, four of the longest periods', () => {
    for (const delayS of [0.1, 0.2])
      for (const ageS of [1, 60, 600])
        for (const errorUs of errorsUs) expect(settled({ errorUs, doubtUs: 5, ageS, delayS })).to.be.below(5)
  })

  it('lets nothing through of noise that the doubt explains', () => {
    const steering = new RateSteering()
    steering.start(12)
    let state = 7
    const noise = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 31 - 1) * 7.9 // even, to 0.79 of the doubt
    }
    for (let t = 0; t < 25; t += periodS) steering.update(12, 0, 10, periodS)
    for (let t = 0; t < 100; t += periodS) expect(steering.update(12, noise(), 10, periodS)).to.equal(12)
  })
})
