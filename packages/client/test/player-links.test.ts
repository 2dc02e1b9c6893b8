import type { LocalUs } from '@tutti/clock'
import type { Attach, Ending, Frame, Transport, TransportListener } from '@tutti/protocol'
import { expect } from 'chai'
import { type LinkInput, PlayerLinks } from '../src/player-links.js'

/** Links whose network is a list of frames, at a time that stands still between whole microseconds. */
function links() {
  const heard: LinkInput[] = []
  const problems: string[] = []
  const player = new PlayerLinks(
    { clock: { now: () => 1_000.4 as LocalUs }, timers: { wakeAt: () => () => undefined } },
    (input) => heard.push(input),
    (problem) => problems.push(problem),
  )
  return { player, heard, problems }
}

/** A connection that has opened; `takes` says whether its socket takes more. */
function connect(attach: Attach, takes = true) {
  const sent: Frame[] = []
  let ending: Ending | undefined
  const transport: Transport = {
    bufferedBytes: 0,
    send: (frame) => takes && sent.push(frame) > 0,
    batch: (run) => run(),
    close: (code, reason) => {
      ending = { by: 'us', code, reason }
    },
  }
  const listener: TransportListener = attach(transport)
  listener.opened?.()
  return { sent, listener, ending: () => ending }
}

describe('PlayerLinks', () => {
  it('numbers connections as they come, and sends over the one that is meant', () => {
    const { player, heard } = links()
    const [one, two] = [connect(player.attach), connect(player.attach)]
    expect(heard).to.deep.equal([
      { type: 'opened', link: 1 },
      { type: 'opened', link: 2 },
    ])
    const goodbye = { type: 'client/goodbye', payload: { reason: 'shutdown' } } as const
    expect(player.send(2, goodbye)).to.equal(true)
    expect(player.send(3, goodbye)).to.equal(false)
    expect([one.sent, two.sent.map((frame) => JSON.parse(frame as string))]).to.deep.equal([[], [goodbye]])
    player.hangUp(1, 'another_server')
    expect(one.ending()).to.include({ code: 1000, reason: 'another_server' })
  })

  it('stamps a probe in whole microseconds, and only where it was taken', () => {
    const { player } = links()
    const { sent } = connect(player.attach)
    expect(player.probe(1)).to.equal(1_000)
    expect(JSON.parse(sent[0] as string).payload).to.deep.equal({ client_transmitted: 1_000 })
    connect(player.attach, false)
    expect(player.probe(2)).to.equal(undefined)
  })

  it('says how a connection ended, and without its number when it never opened', () => {
    const { player, heard } = links()
    const { listener } = connect(player.attach)
    expect(player.count).to.equal(1)
    listener.closed({ by: 'peer', code: 4409, reason: '' })
    expect(player.count).to.equal(0)
    const never = player.attach({ bufferedBytes: 0, send: () => false, batch: (run) => run(), close: () => undefined })
    never.closed({ by: 'network', code: 1006, reason: 'refused' })
    expect(heard.slice(1)).to.deep.equal([
      { type: 'disconnected', link: 1, reason: 'code 4409', code: 4409 },
      { type: 'disconnected', link: undefined, reason: 'refused', code: 1006 },
    ])
  })

  it('says in one line why it closed a connection that makes no sense', () => {
    const { player, problems } = links()
    const { listener } = connect(player.attach)
    listener.received('this is not JSON', 0 as LocalUs)
    expect(problems).to.have.length(1)
    expect(problems[0]).to.match(/^closed a connection: a text frame is not JSON/)
  })
})
