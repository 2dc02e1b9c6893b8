import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  allows,
  conditions,
  drawSessionStates,
  nextState,
  type SessionState,
  sessionStates,
} from '../src/session-states.js'

describe('sessionStates', () => {
  it('leads only to states that exist', () => {
    for (const edges of Object.values(sessionStates)) {
      for (const target of Object.values(edges)) expect(sessionStates).to.have.property(target)
    }
  })

  it('can be stopped from every state, and left by none once closed', () => {
    for (const [name, edges] of Object.entries(sessionStates)) {
      if (name === 'closed') expect(edges).to.deep.equal({})
      else expect(edges).to.have.property('stopped', 'closed')
    }
  })

  it('returns to waiting from every state with a connection', () => {
    for (const [name, edges] of Object.entries(sessionStates)) {
      if (name !== 'closed' && name !== 'waiting') expect(edges).to.have.property('lost', 'waiting')
    }
  })

  it('reaches every state', () => {
    const reached = new Set<SessionState>(['waiting'])
    for (const state of reached) for (const next of Object.values(sessionStates[state])) reached.add(next)
    expect([...reached]).to.have.members(Object.keys(sessionStates))
  })

  it('tells the server that all is well exactly where the clocks are locked and nothing is missing', () => {
    const well = Object.entries(conditions).filter(([, condition]) => condition === 'synchronized')
    expect(well.map(([state]) => state)).to.deep.equal(['ready', 'buffering', 'playing'])
  })

  it('refuses an event out of turn', () => {
    expect(allows('connecting', 'started')).to.equal(false)
    expect(() => nextState('connecting', 'started')).to.throw("cannot be 'started' while 'connecting'")
  })

  it('draws every edge once', () => {
    const edges = Object.values(sessionStates).flatMap((row) => Object.keys(row))
    expect(
      drawSessionStates()
        .split('\n')
        .filter((line) => line.includes(': ')),
    ).to.have.length(edges.length)
    expect(drawSessionStates()).to.include('  playing --> starved: starved\n')
  })

  it('is the diagram in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    expect(readme).to.include(drawSessionStates())
  })
})
