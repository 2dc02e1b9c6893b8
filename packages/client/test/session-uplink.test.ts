import { ClockSync, type LocalUs } from '@tutti/clock'
import { telemetryRole } from '@tutti/protocol'
import { expect } from 'chai'
import { SessionClock } from '../src/session-clock.js'
import { SessionOutbox } from '../src/session-outbox.js'
import { settingsDefaults } from '../src/session-settings.js'
import type { PlayerStatus } from '../src/session-status.js'
import { SessionUplink } from '../src/session-uplink.js'
import { Conversation, config, halves } from './conversation.js'

const us = (seconds: number) => (seconds * 1e6) as LocalUs
const status = (): PlayerStatus => new Conversation().player.status(us(0))

function begun(roles: readonly string[] = []) {
  const outbox = new SessionOutbox()
  const uplink = new SessionUplink(config, 'a card', outbox)
  const clock = new SessionClock(new ClockSync({ random: halves }))
  clock.connected(us(0))
  const hello = { server_id: 's', name: 'S', version: 1, active_roles: roles, connection_reason: 'discovery' } as const
  uplink.begin(7, clock, hello, false, us(0))
  return { outbox, uplink }
}

describe('SessionUplink', () => {
  it('asks for the time when that is due, and not again before that was sent', () => {
    const { outbox, uplink } = begun()
    expect(uplink.wakeAt).to.equal(us(0))
    uplink.ask(us(0))
    uplink.ask(us(0.01))
    expect(outbox.take()).to.deep.equal([{ type: 'probe', link: 7 }])
  })

  it('says how playing goes only to a server that wants to know', () => {
    for (const [roles, said] of [
      [[], []],
      [[telemetryRole], ['client/_tutti_telemetry']],
    ] as const) {
      const { outbox, uplink } = begun(roles)
      uplink.tellStatus(status, us(0.5))
      uplink.tellStatus(status, us(0.6))
      const types = outbox.take().flatMap((output) => (output.type === 'send' ? output.message.type : []))
      expect(types).to.deep.equal(said)
    }
  })

  it('says nothing once its connection is gone', () => {
    const { outbox, uplink } = begun([telemetryRole])
    uplink.end()
    expect(uplink.isUp).to.equal(false)
    uplink.ask(us(1))
    uplink.askForLife(us(1))
    uplink.report('synchronized', settingsDefaults, 100, us(1))
    uplink.tellStatus(status, us(1))
    expect(outbox.take()).to.deep.equal([])
    expect(uplink.wakeAt).to.equal(undefined)
  })
})
