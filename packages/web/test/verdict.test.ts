import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import type { ClientStatus, Reading } from '../src/contract.js'
import { apartUs, judgeRoom, type Recent } from '../src/verdict.js'

const now = 100e6

const client: ClientStatus = {
  id: 'kitchen',
  name: 'Kitchen',
  isConnected: true,
  isPlayer: true,
  roles: ['player@v1'],
  lastSeenAt: undefined,
  condition: 'synchronized',
  volume: 50,
  muted: false,
  outputDelayMs: 0,
  format: undefined,
  sentAheadMs: undefined,
  chunksDropped: 0,
}

function reading(change: Partial<Reading> = {}): Reading {
  return {
    client: 'kitchen',
    at: now as ServerUs,
    state: 'playing',
    lateUs: 20,
    errorBoundUs: 70,
    ppm: 0,
    driftPpm: 0,
    roundTripUs: 500,
    bufferedMs: 4900,
    starvations: 0,
    underruns: 0,
    jumps: 0,
    channel: 'stereo',
    output: undefined,
    ...change,
  }
}

const quiet: Recent = { usualLateUs: 20, spreadUs: 10, dropouts: 0, minutes: 5 }
const judge = (of: Partial<Reading> = {}, recent: Recent | undefined = quiet) =>
  judgeRoom(client, reading(of), recent, now)

describe('judgeRoom', () => {
  it('says within what a room is in step: what it sees, and what it cannot know, together', () => {
    expect(judge()).to.deep.equal({ mood: 'good', text: 'in step, within 0.09 ms' })
    expect(judge({ lateUs: -31 }).text).to.equal('in step, within 0.11 ms')
    expect(judge({ errorBoundUs: 4_900 })).to.deep.equal({ mood: 'good', text: 'in step, within 5.0 ms' })
  })

  it('tells a room that may be an echo from one that is', () => {
    expect(judge({ errorBoundUs: 9_170 })).to.deep.equal({ mood: 'warn', text: 'may be out of step by up to 9.2 ms' })
    expect(judge({ lateUs: -5_400 })).to.deep.equal({ mood: 'bad', text: 'out of step by up to 5.5 ms' })
  })

  it('never says less than the truth by rounding', () => {
    for (let us = 1; us < 60_000; us += 37) {
      const { text } = judge({ lateUs: 0, errorBoundUs: us })
      const [, size] = /([\d.]+) ms/.exec(text) ?? []
      expect(Number(size) * 1000, text).to.be.at.least(us)
    }
  })

  it('says what to do about a room that is always late, or early', () => {
    const late = judge({ lateUs: 180_000 }, { ...quiet, usualLateUs: 180_000, spreadUs: 900 })
    expect(late).to.deep.equal({ mood: 'bad', text: 'always 180 ms late: set its delay' })
    const early = judge({ lateUs: -20_000 }, { ...quiet, usualLateUs: -20_000 })
    expect(early.text).to.equal('always 20 ms early: lower its delay')
  })

  it('does not advise where the room is late now and then only', () => {
    const { text } = judge({ lateUs: 180_000 }, { ...quiet, usualLateUs: 180_000, spreadUs: 100_000 })
    expect(text).to.contain('out of step by up to 181 ms')
  })

  it('says what a room waits for', () => {
    expect(judge({ state: 'starved' })).to.deep.equal({ mood: 'bad', text: 'waiting for the network' })
    expect(judge({ state: 'waiting' }).text).to.equal('about to start')
    expect(judge({ state: 'idle' }).text).to.equal('ready')
    expect(judge({ state: 'idle', errorBoundUs: undefined }).text).to.equal('setting its clock')
  })

  it('mentions dropouts, once they are past too', () => {
    expect(judge({}, { ...quiet, dropouts: 1, minutes: 1 }).text).to.contain('; 1 dropout in the last minute')
    expect(judge({}, { ...quiet, dropouts: 3 })).to.deep.equal({
      mood: 'warn',
      text: 'in step, within 0.09 ms; 3 dropouts in the last 5 minutes',
    })
  })

  it('says when a room that is away was last seen', () => {
    const away = { ...client, isConnected: false }
    const judgeAway = (lastSeenAt: number | undefined) =>
      judgeRoom({ ...away, lastSeenAt: lastSeenAt as ServerUs | undefined }, undefined, undefined, now + 7200e6).text
    expect(judgeAway(now)).to.equal('last seen 2 hours ago')
    expect(judgeAway(now + 7190e6)).to.equal('last seen just now')
    expect(judgeAway(undefined)).to.equal('not back since the server started')
  })

  it('says no more of a player of another make than that player does', () => {
    const silent = (condition: ClientStatus['condition']) =>
      judgeRoom({ ...client, condition }, undefined, undefined, now)
    expect(silent('synchronized').text).to.contain('keeps its figures to itself')
    expect(silent('error').mood).to.equal('bad')
    expect(judgeRoom(client, reading({ at: (now - 7e6) as ServerUs }), quiet, now).text).to.contain('keeps its figures')
  })
})

describe('apartUs', () => {
  it('is how far any two rooms may be heard apart, the bounds of both included', () => {
    const a = reading({ lateUs: 0, errorBoundUs: 50 })
    const b = reading({ lateUs: -100, errorBoundUs: 20 })
    const c = reading({ lateUs: 30, errorBoundUs: 10 })
    expect(apartUs([a, b, c])).to.equal(170)
  })

  it('is not known of fewer than two rooms that play', () => {
    expect(apartUs([reading(), reading({ state: 'idle' }), reading({ errorBoundUs: undefined })])).to.equal(undefined)
  })
})
