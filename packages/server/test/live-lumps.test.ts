import { expect } from 'chai'
import { LiveLumps } from '../src/live-lumps.js'
import { chance } from './live-world.js'

function lengthAfter(...lagsMs: readonly (readonly number[])[]): number | undefined {
  const lumps = new LiveLumps()
  for (const lagMs of lagsMs.flat()) lumps.lagged(lagMs * 1000)
  return lumps.lengthUs
}

describe('LiveLumps', () => {
  it('knows nothing before there are two', () => {
    expect(lengthAfter()).to.equal(undefined)
  })

  it('tells how long lumps are from the first on, whatever a few are late', () => {
    expect(lengthAfter([10])).to.equal(10_000)
    const random = chance(3)
    const late = Array.from({ length: 1000 }, () => (random() < 0.3 ? 10 + 80 * random() : 10))
    expect(lengthAfter(late.slice(0, 20))).to.equal(10_000)
    expect(lengthAfter(late)).to.equal(10_000)
  })

  it('keeps to what it found while lumps stay alike, and follows where they change', () => {
    expect(lengthAfter(Array(101).fill(10), Array(300).fill(13))).to.equal(10_000)
    expect(lengthAfter(Array(101).fill(10), Array(100).fill(50))).to.equal(10_000)
    expect(lengthAfter(Array(101).fill(10), Array(101).fill(50))).to.equal(50_000)
  })
})
