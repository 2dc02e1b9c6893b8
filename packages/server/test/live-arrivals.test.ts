import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveArrivals } from '../src/live-arrivals.js'

const ms = (reading: number) => (reading * 1000) as ServerUs
/** At 48 kHz. */
const framesPerMs = 48

/** Lumps of 20 ms, the first complete at 20 ms, each so many ms late. */
function arrivalsOf(...lateMs: readonly number[]): LiveArrivals {
  const arrivals = new LiveArrivals(framesPerMs / 1000)
  for (const [n, late] of lateMs.entries()) arrivals.received((n + 1) * 20 * framesPerMs, ms((n + 1) * 20 + late))
  return arrivals
}

describe('LiveArrivals', () => {
  it('believes the least delayed arrival', () => {
    const arrivals = arrivalsOf(5, 30, 2, 9)
    expect(arrivals.best).to.deep.equal({ frames: 60 * framesPerMs, at: ms(62) })
    expect(arrivals.leastDelayed).to.deep.equal(arrivals.best)
    expect(arrivals.firstAt).to.equal(ms(25))
  })

  it('tells how far the source has fallen behind what that one promised', () => {
    expect(arrivalsOf().lagUs(0, ms(0))).to.equal(undefined)
    const arrivals = arrivalsOf(0, 0)
    expect(arrivals.lagUs(40 * framesPerMs, ms(60))).to.be.closeTo(20_000, 1e-6)
    expect(arrivals.lagUs(40 * framesPerMs, ms(95))).to.be.closeTo(55_000, 1e-6)
  })

  it('looks at a second at a time, and remembers the last one', () => {
    const arrivals = arrivalsOf(3, 8)
    arrivals.restartWindow(ms(50))
    expect(arrivals.endWindow(ms(1_049))).to.equal(undefined)
    const leastDelayed = { frames: 20 * framesPerMs, at: ms(23) }
    expect(arrivals.endWindow(ms(1_060))).to.deep.equal({ leastDelayed, elapsedUs: 1_010_000 })
    expect(arrivals.best).to.equal(undefined)
    expect(arrivals.latest).to.deep.equal(leastDelayed)
    arrivals.received(60 * framesPerMs, ms(64))
    expect(arrivals.best?.at).to.equal(ms(64))
    expect(arrivals.leastDelayed).to.deep.equal(leastDelayed)
  })

  it('ends no window in which nothing has come, unless it is passed', () => {
    const arrivals = arrivalsOf(3)
    arrivals.restartWindow(ms(50))
    arrivals.endWindow(ms(1_050))
    expect(arrivals.endWindow(ms(9_000))).to.equal(undefined)
    expect(arrivals.latest?.at).to.equal(ms(23))
    arrivals.passWindow(ms(9_000))
    expect(arrivals.latest).to.equal(undefined)
  })

  it('forgets what came before a pause, but what the next arrival is late by', () => {
    const arrivals = arrivalsOf(0, 0)
    arrivals.pause()
    expect(arrivals.latest).to.equal(undefined)
    expect(arrivals.firstAt).to.equal(undefined)
    expect(arrivals.lagUs(40 * framesPerMs, ms(540))).to.be.closeTo(500_000, 1e-6)
    arrivals.received(60 * framesPerMs, ms(540))
    expect(arrivals.firstAt).to.equal(ms(540))
    expect(arrivals.lagUs(60 * framesPerMs, ms(560))).to.be.closeTo(20_000, 1e-6)
  })
})
