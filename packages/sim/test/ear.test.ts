import type { Plan, Segment } from '@tutti/client'
import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Ear } from '../src/ear.js'

const periodFrames = 480
const periodUs = 10_000
const serverLeadUs = 5e9
/** Frame n of the media is due n/48 ms after the server's clock read 5000 s; the server's clock is true time and 5000 s. */
const dueAt = (frame: number): ServerUs => (serverLeadUs + (frame * 1e6) / 48_000) as ServerUs
const serverAt = (trueUs: number): ServerUs => (serverLeadUs + trueUs) as ServerUs

const segment = (startFrame: number, part: Partial<Segment> = {}): Segment => ({
  offset: 0,
  frames: periodFrames,
  startFrame,
  startRatio: 1,
  endRatio: 1,
  startGain: 1,
  endGain: 1,
  ...part,
})
const plan = (...segments: Segment[]): Plan => ({ count: segments.length, segments })

/** Hears periods one after another, the first from true time 0. */
function listen(...plans: Plan[]): Ear {
  const ear = new Ear(dueAt, serverAt)
  for (const [i, heard] of plans.entries()) ear.hear(heard, periodFrames, i * periodUs, (i + 1) * periodUs)
  return ear
}

describe('Ear', () => {
  it('hears on-time media as on time, and late media as late by as much', () => {
    const late = 48 // frames: 1 ms
    expect(listen(plan(segment(0))).lateUsAt(5000)).to.be.closeTo(0, 1e-6)
    expect(listen(plan(segment(-late))).lateUsAt(5000)).to.be.closeTo(1000, 1e-6)
  })

  it('follows a rate that changes within the period', () => {
    const heard = listen(plan(segment(0, { startRatio: 1, endRatio: 1.001 })))
    // The mean rate of the first half is 250 ppm up: 2.5 parts in 10 000 of 5 ms ahead.
    expect(heard.lateUsAt(5000)).to.be.closeTo(-1.25, 1e-6)
  })

  it('hears nothing before, after and between', () => {
    const ear = listen(plan(segment(0, { frames: 100 }), segment(380, { offset: 380, frames: 100 })))
    expect(ear.lateUsAt(-1)).to.equal(undefined)
    expect(ear.lateUsAt(5000)).to.equal(undefined)
    expect(ear.lateUsAt(9000)).to.be.closeTo(0, 1e-6)
    expect(ear.lateUsAt(periodUs)).to.equal(undefined)
  })

  it('counts no break in media that goes on without one', () => {
    const ear = listen(plan(segment(0)), plan(segment(480)), plan(segment(960)))
    expect(ear.gaps.count).to.equal(0)
    expect(ear.jumps.count).to.equal(0)
    expect(ear.firstSoundUs).to.equal(0)
  })

  it('counts a silence with its length, and no jump when media resumes on schedule', () => {
    const ear = listen(plan(segment(0)), plan(), plan(segment(960)))
    expect(ear.gaps).to.deep.equal({ count: 1, totalUs: 10_000, longestUs: 10_000 })
    expect(ear.jumps.count).to.equal(0)
  })

  it('counts a step of the schedule, with or without silence', () => {
    const abrupt = listen(plan(segment(0)), plan(segment(480 + 24)))
    expect(abrupt.jumps.count).to.equal(1)
    expect(abrupt.jumps.largestUs).to.be.closeTo(500, 1e-3)
    const afterSilence = listen(plan(segment(0)), plan(), plan(segment(960 - 48)))
    expect(afterSilence.jumps.largestUs).to.be.closeTo(1000, 1e-3)
  })

  it('does not count steps of a few samples, which nobody hears', () => {
    expect(listen(plan(segment(0)), plan(segment(485))).jumps.count).to.equal(0)
  })
})
