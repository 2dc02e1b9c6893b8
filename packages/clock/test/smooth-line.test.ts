import { expect } from 'chai'
import { SmoothLine } from '../src/smooth-line.js'

function settledLine(): SmoothLine {
  const line = new SmoothLine()
  line.restart(0)
  for (let s = 0; s <= 60; s += 0.125) line.follow(s, 20 * s, 20)
  return line
}

describe('SmoothLine', () => {
  it('is the estimate itself in the first second', () => {
    const line = new SmoothLine()
    line.restart(100)
    line.follow(100.1, 500, 0)
    expect(line.offsetUs).to.equal(500)
    line.follow(100.9, -300, 0)
    expect(line.offsetUs).to.equal(-300)
  })

  it('follows a steady drift without lag', () => {
    expect(settledLine().offsetUs).to.be.closeTo(1200, 1e-6)
  })

  it('spreads a correction of 10 µs over a second and more', () => {
    const line = settledLine()
    line.follow(60.125, 20 * 60.125 + 10, 20)
    expect(line.offsetUs - 20 * 60.125).to.be.within(0.6, 1.3)
    for (let s = 60.25; s <= 70; s += 0.125) line.follow(s, 20 * s + 10, 20)
    expect(line.offsetUs - 20 * 70).to.be.closeTo(10, 0.2)
  })
})
