import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { SessionReport } from '../src/session-report.js'
import { settingsDefaults } from '../src/session-settings.js'

const us = (seconds: number) => (seconds * 1e6) as LocalUs

function begun(isWarm = false) {
  const report = new SessionReport({ requiredLeadMs: 400 })
  report.begin(us(0), isWarm)
  return report
}

describe('SessionReport', () => {
  it('says everything once all is well, then only what has changed', () => {
    const report = begun()
    expect(report.update('error', settingsDefaults, 150, us(1))).to.equal(undefined)
    const first = report.update('synchronized', settingsDefaults, 150, us(2))
    expect(first?.player).to.include({
      state: 'synchronized',
      volume: 100,
      min_buffer_ms: 150,
      required_lead_time_ms: 400,
    })
    expect(report.update('synchronized', settingsDefaults, 150, us(3))).to.equal(undefined)
    const quiet = { ...settingsDefaults, volume: 30 }
    expect(report.update('synchronized', quiet, 150, us(3))).to.deep.equal({ player: { volume: 30 } })
    expect(report.update('synchronized', quiet, 200, us(3))).to.deep.equal({ player: { min_buffer_ms: 200 } })
  })

  it('does not wait for the lock longer than servers wait for a word', () => {
    const report = begun()
    report.update('error', settingsDefaults, 150, us(1))
    expect(report.wakeAt).to.equal(us(4))
    expect(report.update('error', settingsDefaults, 150, us(4))?.state).to.equal('error')
    expect(report.wakeAt).to.equal(undefined)
  })

  it('asks for audio as soon as it is known how much, once', () => {
    const report = begun()
    expect(report.update('error', settingsDefaults, 150, us(0.5))).to.equal(undefined)
    report.hurry()
    const first = report.update('error', settingsDefaults, 1500, us(0.6))
    expect(first).to.deep.include({ state: 'error' })
    expect(first?.player?.min_buffer_ms).to.equal(1500)
    report.hurry()
    expect(report.update('synchronized', settingsDefaults, 1500, us(0.8))).to.equal(undefined)
    expect(report.wakeAt).to.equal(us(1.6))
  })

  it('tells of a condition at most once a second, and of the last one always', () => {
    const report = begun()
    report.update('synchronized', settingsDefaults, 150, us(1))
    expect(report.update('error', settingsDefaults, 150, us(1.5))).to.equal(undefined)
    expect(report.wakeAt).to.equal(us(2))
    expect(report.update('error', settingsDefaults, 150, us(2))?.state).to.equal('error')
    report.update('synchronized', settingsDefaults, 150, us(2.2))
    report.update('error', settingsDefaults, 150, us(2.4))
    expect(report.wakeAt).to.equal(undefined)
  })

  it('asks for less of a lead where what a stream needs still runs', () => {
    const report = begun(true)
    const first = report.update('synchronized', settingsDefaults, 150, us(1))
    expect(first?.player?.required_lead_time_ms).to.equal(100)
  })
})
