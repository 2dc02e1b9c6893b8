import { expect } from 'chai'
import { ProbeSchedule } from '../src/probe-schedule.js'
import type { LocalUs } from '../src/reading.js'
import { SeededRandom } from './seeded-random.js'

/** Sends every probe when due until `untilS`; each is answered after `roundTripMs`, if ever. Returns when they were sent, in seconds. */
function sentUntil(schedule: ProbeSchedule, untilS: number, roundTripMs = 5): number[] {
  const sent: number[] = []
  for (let at = schedule.dueAt!; at <= untilS * 1e6; at = schedule.dueAt!) {
    schedule.sent(at)
    if (roundTripMs < Number.POSITIVE_INFINITY) schedule.answered(at, (at + roundTripMs * 1000) as LocalUs)
    sent.push(at / 1e6)
  }
  return sent
}

function started(seed = 1): ProbeSchedule {
  const schedule = new ProbeSchedule(new SeededRandom(seed))
  schedule.probeDensely(0 as LocalUs)
  return schedule
}

const between = (times: readonly number[], fromS: number, toS: number): number =>
  times.filter((s) => s >= fromS && s < toS).length

describe('ProbeSchedule', () => {
  it('is due at once when started, and not before', () => {
    const schedule = new ProbeSchedule(new SeededRandom(1))
    expect(schedule.dueAt).to.equal(undefined)
    schedule.probeDensely(77 as LocalUs)
    expect(schedule.dueAt).to.equal(77)
  })

  it('is dense in the first five seconds, and still quick until the thirtieth, quicker on a noisy path', () => {
    for (const [uncertaintyUs, low, high] of [
      [2, 190, 210],
      [500, 1370, 1430],
    ] as const) {
      const schedule = started()
      schedule.pace(uncertaintyUs)
      const times = sentUntil(schedule, 30)
      expect(between(times, 0, 1)).to.be.within(22, 104)
      expect(between(times, 1, 15)).to.be.within(low, high)
    }
  })

  it('settles at one probe a second on a quiet path and, after a minute and a half, at twelve on a noisy one', () => {
    for (const [uncertaintyUs, low, high] of [
      [2, 45, 56],
      [10, 180, 220],
      [500, 600, 650],
    ] as const) {
      const schedule = started()
      schedule.pace(uncertaintyUs)
      expect(between(sentUntil(schedule, 150), 100, 150)).to.be.within(low, high)
    }
  })

  it('asks no more than twice in a middling round trip, and no more seldom than on any noisy path because of that', () => {
    for (const [roundTripMs, apartMs] of [
      [60, 30],
      [400, 80],
    ] as const) {
      const schedule = started()
      schedule.pace(500)
      const times = sentUntil(schedule, 20, roundTripMs)
      expect(between(times, 10, 20)).to.be.closeTo(10_000 / apartMs, 0.06 * (10_000 / apartMs))
    }
  })

  it('learns how long a round trip is though the first took no time by a coarse clock', () => {
    const schedule = started()
    schedule.pace(500)
    sentUntil(schedule, 0, 0)
    const times = sentUntil(schedule, 25, 60)
    expect(between(times, 15, 25)).to.be.closeTo(333, 20)
  })

  it('does not march in step with another client', () => {
    const [a, b] = [sentUntil(started(1), 20), sentUntil(started(2), 20)]
    expect(a.at(-1)).not.to.equal(b.at(-1))
    expect(sentUntil(started(1), 20)).to.deep.equal(a)
  })

  it('has no more than eight probes under way, and gives up on one after five seconds', () => {
    const schedule = started()
    const times = sentUntil(schedule, 11, Number.POSITIVE_INFINITY)
    expect(schedule.outstanding).to.equal(8)
    expect(schedule.lost).to.equal(times.length - 8)
    expect(times.length).to.equal(24)
    expect(times[8]! - times[0]!).to.be.closeTo(5, 1e-6)
  })

  it('does not know an answer to a probe it never sent, or a second answer', () => {
    const schedule = started()
    schedule.sent(0 as LocalUs)
    expect(schedule.answered(5 as LocalUs, 9 as LocalUs)).to.equal(false)
    expect(schedule.answered(0 as LocalUs, 9 as LocalUs)).to.equal(true)
    expect(schedule.answered(0 as LocalUs, 9 as LocalUs)).to.equal(false)
  })

  it('is dense again after a disturbance', () => {
    const schedule = started()
    schedule.pace(2)
    sentUntil(schedule, 100)
    schedule.probeDensely(100.5e6 as LocalUs)
    expect(between(sentUntil(schedule, 101.5), 100.5, 101.5)).to.be.within(22, 28)
  })
})
