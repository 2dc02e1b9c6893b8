import { expect } from 'chai'
import { Random } from '../src/random.js'

const draw = (random: Random, n: number): number[] => Array.from({ length: n }, () => random.uniform())

describe('Random', () => {
  it('draws the same numbers for the same path', () => {
    expect(draw(new Random(7).fork('room 1'), 50)).to.deep.equal(draw(new Random('7/room 1'), 50))
  })

  it('gives a fork that does not depend on what its parent or siblings have drawn', () => {
    const quiet = new Random(7)
    const busy = new Random(7)
    draw(busy, 1000)
    draw(busy.fork('other'), 1000)
    expect(draw(busy.fork('one'), 50)).to.deep.equal(draw(quiet.fork('one'), 50))
  })

  it('gives neighbouring labels unrelated streams', () => {
    const root = new Random(1)
    const [a, b] = [draw(root.fork('room 1'), 20_000), draw(root.fork('room 2'), 20_000)]
    const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
    const covariance = mean(a.map((x, i) => (x - 0.5) * (b[i]! - 0.5)))
    expect(Math.abs(covariance * 12)).to.be.lessThan(4 / Math.sqrt(a.length)) // 4 standard deviations
  })

  it('has the moments its distributions promise', () => {
    const random = new Random('moments')
    const n = 200_000
    const moments = (sample: () => number): [mean: number, deviation: number] => {
      let sum = 0
      let squares = 0
      for (let i = 0; i < n; i++) {
        const x = sample()
        sum += x
        squares += x * x
      }
      return [sum / n, Math.sqrt(squares / n - (sum / n) ** 2)]
    }
    const close = ([mean, deviation]: [number, number], expected: [number, number]): void => {
      expect(mean).to.be.closeTo(expected[0], 0.02)
      expect(deviation).to.be.closeTo(expected[1], 0.02)
    }
    close(
      moments(() => random.uniform()),
      [0.5, Math.sqrt(1 / 12)],
    )
    close(
      moments(() => random.normal()),
      [0, 1],
    )
    close(
      moments(() => random.exponential(1)),
      [1, 1],
    )
    close(
      moments(() => Math.log(random.lognormal(Math.E, 0.5))),
      [1, 0.5],
    )
  })
})
