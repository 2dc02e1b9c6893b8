import { expect } from 'chai'
import fc from 'fast-check'
import { World } from '../src/world.js'

describe('World', () => {
  it('rings alarms in order of time, and simultaneous ones in the order they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (times) => {
        const world = new World()
        const rung: [time: number, order: number][] = []
        times.forEach((time, order) => {
          world.at(time, () => rung.push([world.nowUs, order]))
        })
        world.runUntil(50)
        const expected = times.map((time, order) => [time, order]).sort(([a, i], [b, j]) => a! - b! || i! - j!)
        expect(rung).to.deep.equal(expected)
      }),
    )
  })

  it('rings an alarm at its latest setting only, and never once cleared', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ which: fc.nat(19), at: fc.option(fc.nat(100), { nil: undefined }) }), { maxLength: 300 }),
        (settings) => {
          const world = new World()
          const rung: (number | undefined)[] = Array.from({ length: 20 }, () => undefined)
          const alarms = rung.map((_, i) => world.alarm(() => (rung[i] = world.nowUs)))
          const expected = rung.slice()
          for (const { which, at } of settings) {
            expected[which] = at
            if (at === undefined) alarms[which]!.clear()
            else alarms[which]!.set(at)
          }
          world.runUntil(100)
          expect(rung).to.deep.equal(expected)
        },
      ),
    )
  })

  it('lets an alarm set itself again, and stops at the end asked for', () => {
    const world = new World()
    const alarm = world.alarm(() => alarm.set(world.nowUs + 10))
    alarm.set(0)
    world.runUntil(95)
    expect(world.events).to.equal(10)
    expect(world.nowUs).to.equal(95)
    expect(alarm.isSet).to.equal(true)
  })

  it('rings an alarm set for the past at once, without turning time back', () => {
    const world = new World()
    world.runUntil(100)
    let at = 0
    world.at(50, () => {
      at = world.nowUs
    })
    world.runUntil(100)
    expect(at).to.equal(100)
  })

  it('refuses a time that is no time', () => {
    expect(() => new World().at(Number.NaN, () => {})).to.throw(RangeError)
  })
})
