import { ClockSync, type LocalUs, type ServerUs } from '@tutti/clock'
import { expect } from 'chai'
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
