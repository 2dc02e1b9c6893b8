import { expect } from 'chai'
import { isAsLoud, settingsDefaults, soundOf, withPath, withServer, withSound } from '../src/session-settings.js'

describe('session settings', () => {
  it('are brought within bounds, and stay the same object where nothing changes', () => {
    expect(withSound(settingsDefaults, { volume: 12.6, outputDelayMs: 9_000 })).to.include({
      volume: 13,
      outputDelayMs: 5_000,
    })
    expect(withSound(settingsDefaults, { volume: 400 })).to.equal(settingsDefaults)
    expect(withSound(settingsDefaults, {})).to.equal(settingsDefaults)
    expect(withServer(withServer(settingsDefaults, 'a'), 'a').lastServerId).to.equal('a')
    expect(withPath(settingsDefaults, 'a', undefined, undefined)).to.equal(settingsDefaults)
  })

  it('are what commands ask for, in the words of either generation', () => {
    expect(soundOf({ command: 'volume', volume: 7 })).to.deep.equal({ volume: 7 })
    expect(soundOf({ command: 'mute', mute: true })).to.deep.equal({ muted: true })
    expect(soundOf({ command: 'set_static_delay', static_delay_ms: 90 })).to.deep.equal({ outputDelayMs: 90 })
    expect(soundOf({ command: 'set_output_delay', output_delay_ms: 90 })).to.deep.equal({ outputDelayMs: 90 })
  })

  it('are as loud where volume and mute are the same', () => {
    expect(isAsLoud(settingsDefaults, { ...settingsDefaults, outputDelayMs: 3 })).to.equal(true)
    expect(isAsLoud(settingsDefaults, { ...settingsDefaults, muted: true })).to.equal(false)
  })

  it('forget the server that was heard of longest ago when there are more than sixteen', () => {
    let settings = settingsDefaults
    for (let n = 0; n < 20; n++) settings = withPath(settings, `server-${n}`, { driftPpm: n, sigmaPpm: 1 }, undefined)
    settings = withPath(settings, 'server-5', { driftPpm: 50, sigmaPpm: 1 }, undefined)
    const known = Object.keys(settings.drifts)
    expect(known).to.have.length(16)
    expect(known).to.not.include('server-3')
    expect(known.at(-1)).to.equal('server-5')
    expect(settings.drifts['server-5']?.driftPpm).to.equal(50)
  })
})
