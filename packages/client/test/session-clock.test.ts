import { ClockSync, type LocalUs, type ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import type { LocalSlew } from '../src/local-slew.js'
import { SessionClock } from '../src/session-clock.js'

const offsetUs = 5_000_000
const delayUs = 200

/** One probe sent at `at` and answered by a server that is `ahead` µs ahead; returns when the answer was there. */
function probe(clock: SessionClock, at: number, ahead = offsetUs): number {
  clock.probeSent(at as LocalUs)
  return answer(clock, at, ahead)
}

function answer(clock: SessionClock, sentAt: number, ahead = offsetUs): number {
  const received = (sentAt + delayUs + ahead) as ServerUs
  const at = sentAt + 2 * delayUs
  clock.replyReceived(
    { client_transmitted: sentAt, server_received: received, server_transmitted: received },
    at as LocalUs,
  )
  return at
}

function lockedClock(): { clock: SessionClock; at: number } {
  const clock = new SessionClock(new ClockSync({ random: { uniform: () => 0.5 } }))
  clock.connected(0 as LocalUs)
  let at = 0
  while (clock.model === undefined) at = probe(clock, at + 40_000)
  return { clock, at }
}

describe('SessionClock', () => {
  /** The local clock runs 400 ppm faster from `at` on. */
  const slewFrom = (at: number): LocalSlew => ({ count: 1, at: at as LocalUs, us: 0, ppm: 400 })

  it('keeps its model, in steady time, while the local clock is slewed and the audio thread says so', () => {
    const { clock, at } = lockedClock()
    clock.slewed(slewFrom(at), at as LocalUs)
    const aheadAt = (now: number): number => offsetUs - (now - at) * 400e-6
    for (let askedAt = at + 500_000; askedAt < at + 60e6; askedAt += 500_000) {
      const now = probe(clock, askedAt, aheadAt(askedAt))
      expect(clock.model!.driftPpm).to.be.closeTo(0, 1)
      expect(clock.serverAt(now as LocalUs)).to.be.closeTo(now + aheadAt(now), 1)
    }
  })

  it('asks for probes when they are due by the local clock, however far that has been slewed', () => {
    const { clock, at } = lockedClock()
    const dueAt = clock.probeDueAt!
    clock.slewed({ count: 1, at: at as LocalUs, us: 3e6, ppm: 0 }, at as LocalUs)
    expect(clock.probeDueAt).to.be.closeTo(dueAt + 3e6, 1)
  })

  it('gives another audio thread, which has seen no slew, a model it can play by', () => {
    const { clock, at } = lockedClock()
    const { model } = clock
    clock.slewed({ count: 1, at: at as LocalUs, us: 0, ppm: 500 }, at as LocalUs)
    clock.slewed({ count: 0, at: 0 as LocalUs, us: 0, ppm: 0 }, (at + 10e6) as LocalUs)
    expect(clock.model!.localAt - model!.localAt).to.be.closeTo(5_000, 1)
    expect(clock.serverAt((at + 10e6) as LocalUs)).to.be.closeTo(at + 10e6 + offsetUs - 5_000, 50)
  })

  it('has no model after sleep until an answer to a question from then on has confirmed it', () => {
    const { clock, at } = lockedClock()
    clock.probeSent((at + 1000) as LocalUs) // asked before it slept
    const wokeAt = at + 2000
    clock.woke(wokeAt as LocalUs)
    expect(clock.model).to.equal(undefined)
    answer(clock, at + 1000)
    expect(clock.model).to.equal(undefined)
    probe(clock, wokeAt + 40_000)
    expect(clock.model).to.not.equal(undefined)
  })

  it('finds with the first answer after sleep that its clock stood still, and plays nothing as late as it has slept', () => {
    const { clock, at } = lockedClock()
    clock.woke((at + 1000) as LocalUs)
    let now = probe(clock, at + 41_000, offsetUs + 30e6)
    expect(clock.model).to.equal(undefined)
    while (clock.model === undefined) now = probe(clock, now + 40_000, offsetUs + 30e6)
    expect(now - at).to.be.below(500_000)
    expect(clock.serverAt(now as LocalUs)).to.be.closeTo(now + offsetUs + 30e6, 10)
  })
})
