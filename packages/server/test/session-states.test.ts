import { expect } from 'chai'
import { nextState, sessionStates } from '../src/session-states.js'

describe('sessionStates', () => {
  it('leads only to states that exist', () => {
    for (const edges of Object.values(sessionStates)) {
      for (const target of Object.values(edges)) expect(sessionStates).to.have.property(target)
    }
  })

  it('lets nothing but a hello begin a session', () => {
    expect(Object.keys(sessionStates.greeting)).to.deep.equal(['client/hello'])
    expect(nextState('greeting', 'client/time')).to.equal(undefined)
  })

  it('answers the clock before the client has reported itself', () => {
    expect(nextState('preparing', 'client/time')).to.equal('preparing')
    expect(nextState('preparing', 'client/state')).to.equal('ready')
  })
})
