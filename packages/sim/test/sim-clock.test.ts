import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { Crystal, perfectCrystal } from '../src/crystal.js'
import { Random } from '../src/random.js'
import { SimClock } from '../src/sim-clock.js'
import { World } from '../src/world.js'

const local = (us: number): LocalUs => us as LocalUs

function clockOf(ppm: number): { world: World; clock: SimClock } {
  const world = new World()
  const crystal = new Crystal(new Random(1), { ...perfectCrystal, ppm })
  return { world, clock: new SimClock(world, crystal, new Random(2)) }
}

describe('SimClock', () => {
  it('rings timers by its own reading: never early, at most a millisecond late', () => {
    const { world, clock } = clockOf(200)
    const lateUs: number[] = []
    for (let i = 1; i <= 100; i++) clock.wakeAt(local(i * 1e6), () => lateUs.push(clock.now() - i * 1e6))
    world.runUntil(200e6)
    expect(lateUs).to.have.length(100)
    expect(Math.min(...lateUs)).to.be.at.least(-1e-3)
    expect(Math.max(...lateUs)).to.be.at.most(1001)
  })

  it('does not ring what was cancelled', () => {
    const { world, clock } = clockOf(0)
    let rung = 0
    const cancel = clock.wakeAt(local(10), () => rung++)
    clock.wakeAt(local(20), () => rung++)
    cancel()
    world.runUntil(1e6)
    expect(rung).to.equal(1)
  })

  it('keeps its timers across a step, a slew and a sleep', () => {
    const { world, clock } = clockOf(0)
    const rungAtUs: number[] = []
    for (const s of [5, 12, 30]) clock.wakeAt(local(s * 1e6), () => rungAtUs.push(Math.round(world.nowUs / 1e5) / 10))
    world.at(1e6, () => clock.step(4.5e6)) // 5 s is past: rings at once
    world.at(2e6, () => clock.slew(500))
    world.at(3e6, () => clock.stop())
    world.at(13e6, () => clock.resume())
    world.runUntil(60e6)
    expect(rungAtUs[0]).to.equal(1)
    expect(rungAtUs[1]).to.be.closeTo(12 - 4.5 + 10, 0.1)
    expect(rungAtUs[2]).to.be.closeTo(30 - 4.5 + 10, 0.1)
  })

  it('stands still while stopped and goes on from there', () => {
    const { world, clock } = clockOf(0)
    world.runUntil(5e6)
    clock.stop()
    world.runUntil(9e6)
    expect(clock.now()).to.be.closeTo(5e6, 1e-3)
    clock.resume()
    world.runUntil(10e6)
    expect(clock.now()).to.be.closeTo(6e6, 1e-3)
    expect(clock.trueAt(local(7e6))).to.be.closeTo(11e6, 1e-3)
  })
})
