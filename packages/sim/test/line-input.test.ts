import { expect } from 'chai'
import { LineInput } from '../src/line-input.js'
import { World } from '../src/world.js'

describe('LineInput', () => {
  it('gives a block every 10 ms from when it is opened until it is closed, for the feed it is open for', () => {
    const world = new World()
    const given: string[] = []
    const line = new LineInput(world, (feed) => given.push(`${feed} at ${world.nowUs}`))
    world.runUntil(3_000)
    line.open(7)
    world.runUntil(29_000)
    expect(given).to.deep.equal(['7 at 13000', '7 at 23000'])
    line.open(8)
    world.runUntil(40_000)
    expect(given.slice(2)).to.deep.equal(['8 at 39000'])
    line.close()
    expect(line.feed).to.equal(undefined)
    world.runUntil(90_000)
    expect(given).to.have.length(3)
  })
})
