import { expect } from 'chai'
import { Stage } from './stage.js'

describe('Reception', () => {
  it('believes the newer connection of a client, and ends the older', () => {
    const stage = new Stage()
    stage.player(1, 'kitchen')
    stage.player(2, 'kitchen')
    expect(stage.closes).to.have.length(1)
    expect(stage.closes[0]).to.include({ connection: 1, mayRedial: false })
    expect(stage.events).to.deep.include({
      type: 'clientLeft',
      client: 'kitchen',
      name: 'Room kitchen',
      reason: 'replaced',
    })
    stage.input({ type: 'disconnected', connection: 1 })
    const [client] = stage.coordinator.snapshot(stage.now).groups[0]!.clients
    expect(client).to.include({ id: 'kitchen', isConnected: true })
  })

  it('ends a session at its goodbye, and lets the client be dialled again only where it said so', () => {
    for (const [reason, mayRedial] of [
      ['restart', true],
      ['shutdown', false],
    ] as const) {
      const stage = new Stage()
      stage.player(1, 'kitchen')
      stage.message(1, { type: 'client/goodbye', payload: { reason } })
      expect(stage.closes).to.deep.include({
        type: 'close',
        connection: 1,
        closeCode: 1000,
        reason: `goodbye: ${reason}`,
        mayRedial,
      })
      stage.message(1, { type: 'client/time', payload: { client_transmitted: 5 } })
      expect(stage.times).to.deep.equal([])
    }
  })

  it('answers the clock with when the question came, in whole microseconds', () => {
    const stage = new Stage()
    stage.player(1, 'kitchen')
    stage.nowUs += 0.4
    stage.message(1, { type: 'client/time', payload: { client_transmitted: 5 } })
    expect(stage.times[0]).to.include({ connection: 1, clientTransmitted: 5, serverReceived: Math.round(stage.nowUs) })
  })
})
