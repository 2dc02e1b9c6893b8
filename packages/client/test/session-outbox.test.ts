import { expect } from 'chai'
import { SessionOutbox } from '../src/session-outbox.js'

describe('SessionOutbox', () => {
  it('hands over what is wanted once, in the order it was wanted', () => {
    const outbox = new SessionOutbox()
    outbox.put({ type: 'dial' })
    outbox.complain('no connection to a server: refused; trying again')
    expect(outbox.take().map(({ type }) => type)).to.deep.equal(['dial', 'event'])
    expect(outbox.take()).to.deep.equal([])
  })

  it('says goodbye before it hangs up', () => {
    const outbox = new SessionOutbox()
    outbox.farewell(3, 'another_server')
    expect(outbox.take()).to.deep.equal([
      { type: 'send', link: 3, message: { type: 'client/goodbye', payload: { reason: 'another_server' } } },
      { type: 'hangUp', link: 3, reason: 'another_server' },
    ])
  })
})
