import { ClockSync } from '@tutti/clock'
import type { ServerHello } from '@tutti/protocol'
import { expect } from 'chai'
import { SessionClock } from '../src/session-clock.js'
import { SessionServer } from '../src/session-server.js'

const hello: ServerHello = {
  server_id: 'attic',
  name: 'Attic',
  version: 1,
  active_roles: [],
  connection_reason: 'playback',
}

function met(): SessionServer {
  const server = new SessionServer('attic', new SessionClock(new ClockSync({ random: { uniform: () => 0.5 } })))
  server.greeted(hello)
  return server
}

describe('SessionServer', () => {
  it('merges what is said in parts', () => {
    const server = met()
    server.described({ title: 'Blue', artist: 'Joni' })
    server.described({ artist: null })
    expect(server.metadata).to.deep.equal({ title: 'Blue', artist: null })
    server.described(null)
    expect(server.metadata).to.deep.equal({})
    server.regrouped({ group_name: 'Upstairs', group_id: 'g1' })
    server.regrouped({ playback_state: 'playing' })
    expect(server.groupName).to.equal('Upstairs')
  })

  it('comes back with what was playing, a new name and reason, and no group yet', () => {
    const server = met()
    server.described({ title: 'Blue' })
    server.regrouped({ group_name: 'Upstairs' })
    server.greeted({ ...hello, name: 'Roof', connection_reason: 'discovery' })
    expect(server.metadata.title).to.equal('Blue')
    expect(server.groupName).to.equal(undefined)
    expect(server).to.include({ name: 'Roof', reason: 'discovery' })
  })
})
