import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Attendance } from '../src/attendance.js'

const us = (reading: number) => reading as ServerUs

describe('Attendance', () => {
  it('says since when nobody has been there, once that is too long', () => {
    const attendance = new Attendance(30_000)
    expect(attendance.abandonedSince(true, us(0))).to.equal(undefined)
    expect(attendance.abandonedSince(false, us(1_000_000))).to.equal(undefined)
    expect(attendance.abandonedSince(false, us(30_999_999))).to.equal(undefined)
    expect(attendance.abandonedSince(false, us(31_000_000))).to.equal(1_000_000)
  })

  it('counts afresh when somebody has come back, or another playback begins', () => {
    const attendance = new Attendance(30_000)
    attendance.abandonedSince(false, us(0))
    attendance.abandonedSince(true, us(20_000_000))
    expect(attendance.abandonedSince(false, us(35_000_000))).to.equal(undefined)
    attendance.reset()
    expect(attendance.abandonedSince(false, us(70_000_000))).to.equal(undefined)
    expect(attendance.abandonedSince(false, us(100_000_000))).to.equal(70_000_000)
  })
})
