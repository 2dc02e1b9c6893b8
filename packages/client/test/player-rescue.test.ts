/** A session whose connection goes silent, in virtual time: what is tried beside it, and which connection it ends up with. */
import { expect } from 'chai'
import { Conversation } from './conversation.js'

const second = 1_000_000

/** Playing, with ten seconds of audio at hand, on link 1. */
function playing(): Conversation {
  const talk = new Conversation()
  talk.play()
  talk.heard()
  return talk
}

/** Nothing comes for so long, and nothing that is sent arrives. */
function outage(talk: Conversation, ms: number): string[] {
  talk.answering = false
  play(talk, ms)
  return talk.heard()
}

/** Lets time pass for a room whose sound card plays what there is. */
function play(talk: Conversation, ms: number): void {
  for (let left = ms; left > 0; left -= 50) {
    talk.pass(Math.min(left, 50))
    talk.report('playing')
  }
}

/** A new connection works. */
function recover(talk: Conversation): number {
  talk.answering = true
  return talk.open()
}

const count = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length

describe('A player whose connection goes silent', () => {
  it('tries nothing while the network is away for as long as it takes to repeat a packet or two', () => {
    const talk = playing()
    expect(outage(talk, 600)).to.deep.equal([])
    talk.catchUp()
    talk.pass(20_000)
    expect(talk.heard()).to.deep.equal([])
  })

  it('tries another connection about every 0.4 s, from 1.8 to 2.2 s on', () => {
    const talk = playing()
    talk.answering = false
    const dialledMs: number[] = []
    const fromUs = talk.nowUs
    while (dialledMs.length < 4) {
      talk.pass(1)
      if (talk.heard().includes('dial')) dialledMs.push((talk.nowUs - fromUs) / 1000)
    }
    expect(dialledMs[0]).to.be.within(1_750, 2_200)
    for (const [n, ms] of dialledMs.entries()) if (n > 0) expect(ms - dialledMs[n - 1]!).to.be.within(250, 500)
  })

  it('drops the attempt without a trace where the old connection speaks first', () => {
    const talk = playing()
    expect(outage(talk, 2_000)).to.include('dial')
    talk.catchUp()
    talk.pass(2)
    expect(talk.heard()).to.deep.equal(['stops dialling'])
    const late = talk.open()
    expect(talk.heard()).to.deep.equal([`${late}> hangs up: not needed any more`])
    talk.drop(late)
    expect(talk.player.state).to.equal('playing')
    talk.pass(20_000)
    expect(count(talk.heard(), 'dial')).to.equal(0)
  })

  it('goes over to a new connection as soon as that says hello, and keeps clock, volume and what it has', () => {
    const talk = playing()
    talk.input({ type: 'set', settings: { volume: 37 } })
    play(talk, 1_500)
    outage(talk, 2_000)
    const { anchor, clock } = talk.control!
    const old = 1
    const link = recover(talk)
    const [stops, hello, ...more] = talk.heard()
    expect([stops, hello?.slice(0, 15), more]).to.deep.equal(['stops dialling', `${link}> client/hello`, []])
    talk.hello(link, { reason: 'playback' })
    expect(talk.heard()).to.deep.equal([
      `${old}> hangs up: connected anew`,
      '! Server house was silent for 2.0 s; connected to it anew',
      'stops dialling',
      'playing → waiting',
      'waiting → greeting',
      'greeting → syncing',
    ])
    expect(talk.control).to.include({ anchor, clock })
    talk.pass(1)
    const [locked, state] = talk.heard()
    expect(locked).to.equal('syncing → ready')
    expect(state).to.include('"state":"synchronized"').and.to.include('"volume":37')
    talk.startStream()
    talk.report('playing')
    expect(talk.heard()).to.deep.equal(['ready → buffering', 'buffering → playing'])
    expect(talk.control?.anchor?.epoch).to.equal(anchor?.epoch)
    talk.drop(old)
    expect(talk.player.state).to.equal('playing')
    expect(talk.decoders).to.have.length(1)
  })

  it('tells the server that it needs no lead for a decoder it still has', () => {
    const talk = playing()
    outage(talk, 2_000)
    talk.hello(recover(talk))
    talk.pass(1)
    expect(talk.heard().at(-1)).to.include('"required_lead_time_ms":100')
  })

  it('survives a server that drops the old connection before it says hello over the new one', () => {
    const talk = playing()
    outage(talk, 2_000)
    const link = recover(talk)
    talk.heard()
    talk.drop(1, 'the same client_id connected again')
    expect(talk.heard()).to.deep.equal(['stops dialling', 'playing → waiting', 'waiting → greeting'])
    talk.hello(link)
    talk.pass(1_000)
    expect(talk.heard()).to.not.include('dial')
    expect(talk.player.state).to.equal('ready')
  })

  it('stays with the old connection when the new one fails in the middle of its hello', () => {
    const talk = playing()
    outage(talk, 2_000)
    const link = recover(talk)
    talk.catchUp()
    talk.pass(2)
    talk.drop(link)
    talk.heard()
    talk.pass(5_000)
    expect(talk.heard()).to.deep.equal([])
    expect(talk.player.state).to.equal('playing')
  })

  it('leaves no connection open where several succeed', () => {
    const talk = playing()
    talk.answering = false
    talk.pass(2_000)
    const first = talk.open()
    talk.heard()
    talk.pass(1_100)
    expect(talk.heard()).to.include('dial')
    const newest = talk.open()
    expect(talk.heard()[1]).to.equal(`${first}> hangs up: no answer`)
    talk.drop(first)
    talk.answering = true
    talk.hello(newest)
    expect(talk.heard()).to.include('1> hangs up: connected anew')
    talk.pass(100)
    expect(talk.player.state).to.equal('ready')
  })

  it('does not storm a server that stays away: half a minute costs it some twenty packets', () => {
    const talk = playing()
    const tries = count(outage(talk, 30_000), 'dial')
    expect(tries).to.be.within(15, 25)
    talk.drop(1, 'no sign of life')
    expect(talk.heard()).to.include.members(['stops dialling', 'playing → waiting'])
  })

  it('leaves it to the rules of before when the server itself ends the connection', () => {
    const talk = playing()
    talk.drop()
    talk.heard()
    talk.pass(150)
    expect(talk.heard()).to.deep.equal(['waiting → connecting', 'dial'])
    talk.pass(9_000)
    expect(talk.heard()).to.deep.equal([])
  })

  it('is not alarmed by having stood still itself', () => {
    const talk = playing()
    talk.nowUs += 30 * second
    talk.pass(0)
    expect(count(talk.heard(), 'dial')).to.equal(0)
    talk.pass(5_000)
    expect(count(talk.heard(), 'dial')).to.equal(0)
  })

  it('dials nobody where servers dial, and takes the next server when its own leaves before that says hello', () => {
    const talk = new Conversation({ connect: 'listen' })
    talk.open()
    talk.hello(1, { id: 'a' })
    talk.answering = false
    talk.pass(20_000)
    const next = talk.open()
    talk.drop(1)
    talk.hello(next, { id: 'b' })
    talk.answering = true
    talk.pass(3_000)
    const lines = talk.heard()
    expect(lines).to.not.include('dial')
    expect(talk.player.state).to.equal('ready')
  })
})
