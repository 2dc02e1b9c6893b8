import { expect } from 'chai'
import { drawSpread } from '../src/figures.js'
import { House, simulate } from '../src/house.js'
import { defaultScenario } from '../src/scenario.js'

const minutes = 1 / 60

describe('simulate', () => {
  const scenario = { ...defaultScenario, rooms: 3, hours: 3 * minutes, network: 'home-wifi' } as const

  it('gives the same report for the same scenario, bit for bit', () => {
    expect(simulate(scenario)).to.deep.equal(simulate(scenario))
  })

  it('gives another report for another seed', () => {
    expect(simulate({ ...scenario, seed: 2 }).spreadUs).to.not.deep.equal(simulate(scenario).spreadUs)
  })

  it('does not depend on how often it is interrupted', () => {
    const house = new House(scenario)
    for (let atS = 0; atS <= 180; atS += 0.7) house.runUntil(atS)
    house.runUntil(180)
    expect(house.report()).to.deep.equal(simulate(scenario))
  })

  it('hears every room, and counts samples from ten seconds after all have sounded', () => {
    const report = simulate(scenario)
    expect(report.perRoomErrorUs).to.have.length(3)
    const samples = report.spreadHistogram.reduce((sum, { count }) => sum + count, 0)
    expect(samples).to.be.within(2 * 160, 2 * 170)
    for (const { max } of report.perRoomErrorUs) expect(max).to.be.greaterThan(0)
  })

  it('draws a report', () => {
    expect(drawSpread(simulate(scenario)))
      .to.include('3 rooms')
      .and.not.match(/NaN|Infinity|undefined/)
  })
})
