import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Ear } from '../src/ear.js'
import { Listener } from '../src/listener.js'
import { World } from '../src/world.js'

/** Rooms that sound without end, each late by what `lateUs` says at the time. */
function rooms(lateUs: readonly ((trueS: number) => number | undefined)[]): { world: World; listener: Listener } {
  const world = new World()
  const ears = lateUs.map((late) => {
    const ear = new Ear(
      () => 0 as ServerUs,
      () => 0 as ServerUs,
    )
    ear.lateUsAt = (trueUs) => late(trueUs / 1e6)
    return ear
  })
  const listener = new Listener(world, ears, { everyS: 0.5, warmUpS: 10, inStepUs: 100, lengthS: 100 })
  return { world, listener }
}

describe('Listener', () => {
  it('measures from the earliest to the latest room, and each against the schedule', () => {
    const { world, listener } = rooms([() => -30, () => 20, () => 5])
    world.runUntil(100e6)
    expect(listener.spread.quantile(0.5)).to.be.closeTo(50, 0.5)
    expect(listener.rooms.map(({ error }) => Math.round(error.quantile(0.5)))).to.deep.equal([30, 20, 5])
    expect(listener.settleS).to.equal(0)
  })

  it('leaves the first ten seconds out of the distributions, not out of settling', () => {
    const { world, listener } = rooms([(s) => (s < 1 ? undefined : s < 8 ? 5000 : 3), (s) => (s < 2 ? undefined : 0)])
    world.runUntil(100e6)
    expect(listener.spread.max).to.equal(3)
    expect(listener.settleS).to.be.closeTo(6.5, 0.6)
  })

  it('compares only rooms that sound', () => {
    const { world, listener } = rooms([() => 0, (s) => (s > 50 && s < 60 ? undefined : 40)])
    world.runUntil(55e6)
    expect(listener.spreadUs).to.equal(undefined)
    world.runUntil(100e6)
    expect(listener.spread.max).to.equal(40)
  })

  it('says that rooms which end apart are not in step', () => {
    const { world, listener } = rooms([() => 0, (s) => (s > 70 ? 500 : 0)])
    world.runUntil(100e6)
    expect(listener.inStepSinceUs).to.equal(undefined)
    expect(listener.settleS).to.equal(100)
  })
})
