import { expect } from 'chai'
import fc from 'fast-check'
import { fitCrystal, type HeardFrame } from '../src/crystal-fit.js'

/** A deterministic stand-in for chance: uniform in [0, 1). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** What a card `ppm` fast says over `seconds`, whose reports come late by up to `lateUs`, mostly by little. */
function reportsOf(ppm: number, seconds: number, lateUs: number, seed: number): HeardFrame[] {
  const random = chance(seed)
  return Array.from({ length: seconds * 100 }, (_, i) => ({
    frame: i * 480,
    heardAtUs: 1e12 + (i * 10_000) / (1 + ppm * 1e-6) + lateUs * random() ** 4,
  }))
}

describe('fitCrystal', () => {
  it('finds the speed of a card within its own uncertainty, in 90 of 100 tests at least', () => {
    const speed = fc.record({ ppm: fc.double({ min: -150, max: 150, noNaN: true }), seed: fc.nat() })
    const found = fc.sample(speed, { numRuns: 100, seed: 1 }).filter(({ ppm, seed }) => {
      const fit = fitCrystal(reportsOf(ppm, 10, 1_000, seed), 48_000)!
      return Math.abs(fit.ppm - ppm) <= fit.uncertaintyPpm
    })
    expect(found.length).to.be.at.least(90)
  })

  it('is sure of an exact card to a thousandth of a ppm', () => {
    const fit = fitCrystal(reportsOf(60, 10, 0, 1), 48_000)!
    expect(fit.ppm).to.be.closeTo(60, 0.01)
    expect(fit.uncertaintyPpm).to.be.below(0.001)
  })

  it('is the surer the longer it listens', () => {
    const short = fitCrystal(reportsOf(60, 5, 500, 1), 48_000)!
    const long = fitCrystal(reportsOf(60, 50, 500, 1), 48_000)!
    expect(long.uncertaintyPpm).to.be.below(short.uncertaintyPpm / 5)
  })

  it('says nothing from less than a second', () => {
    expect(fitCrystal(reportsOf(60, 1, 0, 1).slice(1), 48_000)).to.equal(undefined)
  })
})
