import { expect } from 'chai'
import { SessionLife } from '../src/session-life.js'
import { SessionOutbox } from '../src/session-outbox.js'

describe('SessionLife', () => {
  it('tells of every step, and what the server is to hear of it once there is one', () => {
    const outbox = new SessionOutbox()
    const life = new SessionLife(outbox)
    expect(life.condition).to.equal(undefined)
    life.move('opened')
    life.move('welcomed')
    expect(life.state).to.equal('syncing')
    expect(life.condition).to.equal('error')
    life.move('locked')
    expect(life.condition).to.equal('synchronized')
    expect(outbox.take()).to.deep.equal([
      { type: 'event', event: { type: 'state', was: 'waiting', state: 'greeting' } },
      { type: 'event', event: { type: 'state', was: 'greeting', state: 'syncing' } },
      { type: 'event', event: { type: 'state', was: 'syncing', state: 'ready' } },
    ])
  })

  it('takes news from outside where it means something, and throws at a step of our own that cannot be', () => {
    const outbox = new SessionOutbox()
    const life = new SessionLife(outbox)
    life.moveIfAllowed('heard')
    expect(life.state).to.equal('waiting')
    expect(outbox.take()).to.deep.equal([])
    expect(() => life.move('heard')).to.throw("cannot be 'heard' while 'waiting'")
  })
})
