import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveSchedule } from '../src/live-schedule.js'

const us = (reading: number) => reading as ServerUs

/** Its first frame was due at 1 s. */
function begun(): LiveSchedule {
  const schedule = new LiveSchedule(48_000)
  schedule.catchUp(us(1_000_000))
  return schedule
}

describe('LiveSchedule', () => {
  it('has frame after frame due at the nominal rate, from the first read on', () => {
    const schedule = begun()
    schedule.passed(240)
    expect(schedule.dueAt).to.equal(1_005_000)
    expect(schedule.catchUp(us(1_003_000))).to.equal(2_000)
    expect(schedule.catchUp(us(1_255_000))).to.equal(-250_000)
    expect(schedule.dueAt).to.equal(1_005_000)
  })

  it('leaves out what a reader is too late for, but for a quarter of a second', () => {
    const schedule = begun()
    expect(schedule.catchUp(us(2_000_000))).to.equal(-1_000_000)
    expect(schedule.dueAt).to.equal(1_750_000)
  })

  it('goes on when told where something else stood in', () => {
    const schedule = begun()
    schedule.passed(480)
    schedule.resumeAt(us(1_200_000))
    expect(schedule.dueAt).to.equal(1_200_000)
    schedule.passed(480)
    expect(schedule.dueAt).to.equal(1_210_000)
  })

  it('counts the frames that have become due', () => {
    const schedule = begun()
    expect(schedule.dueFrames(us(990_000))).to.equal(0)
    expect(schedule.dueFrames(us(1_010_015))).to.equal(480)
  })
})
