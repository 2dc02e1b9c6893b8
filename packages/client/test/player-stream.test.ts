import { expect } from 'chai'
import { Conversation, playing, sends } from './conversation.js'

const second = 1e6

describe('Player', () => {
  describe('in a stream', () => {
    it('changes the format in place, and decodes what is queued in the format it came in', () => {
      const talk = playing()
      const epoch = talk.control?.anchor?.epoch
      talk.startStream('flac')
      talk.stream(talk.serverNow + 10 * second - 80_000, 50)
      for (let n = 0; n < 220; n++) {
        talk.pass(50)
        talk.report('playing')
      }
      expect(talk.decoders.map(({ closed }) => closed)).to.deep.equal([true, false])
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
      expect(talk.player.status(talk.nowUs as never).chunks.undecodable).to.equal(0)
    })

    it('takes a repeated start for no change at all', () => {
      const talk = playing()
      talk.startStream()
      expect(talk.heard()).to.deep.equal([])
    })

    it('throws everything queued away on a clear, and starts a new epoch', () => {
      const talk = playing()
      const before = talk.control!.anchor!
      talk.say({ type: 'stream/clear', payload: { roles: ['player'] } })
      expect(talk.control?.anchor).to.equal(undefined)
      expect(talk.heard()).to.deep.equal(['playing → buffering'])
      const dueAt = talk.serverNow + 0.6 * second
      talk.stream(dueAt, 10)
      talk.pass(10)
      expect(talk.control?.anchor).to.include({ epoch: before.epoch + 1, frame: talk.media.endFrame - 10 * 960 })
      expect(talk.control?.anchor?.serverAt).to.be.closeTo(dueAt, 1)
    })

    it('does not take the end of what was cleared for the beginning of what follows', () => {
      const talk = playing()
      talk.say({ type: 'stream/clear', payload: {} })
      talk.report('playing')
      expect(talk.player.state).to.equal('buffering')
      talk.pass(500)
      talk.report('playing')
      expect(talk.player.state).to.equal('playing')
    })

    it('counts as playing when the audio thread has been playing all along', () => {
      const talk = playing()
      talk.drop()
      talk.report('playing')
      talk.open()
      talk.hello()
      talk.pass(100)
      talk.startStream()
      talk.report('playing')
      expect(talk.player.state).to.equal('playing')
    })

    it('starts anew where the server goes back in time without a word', () => {
      const talk = playing()
      const before = talk.control!.anchor!
      const dueAt = talk.serverNow + 0.6 * second
      talk.stream(dueAt, 10)
      talk.pass(10)
      expect(talk.player.state).to.equal('buffering')
      expect(talk.control?.anchor?.epoch).to.equal(before.epoch + 1)
      expect(talk.control?.anchor?.serverAt).to.be.closeTo(dueAt, 1)
    })

    it('leaves the stream alone when a clear or an end is for other roles', () => {
      const talk = playing()
      talk.say({ type: 'stream/clear', payload: { roles: ['visualizer'] } })
      talk.say({ type: 'stream/end', payload: { roles: ['artwork'] } })
      expect(talk.player.state).to.equal('playing')
      expect(talk.heard()).to.deep.equal([])
    })

    it('reports starving, at most once a second', () => {
      const talk = playing()
      talk.pass(1_000)
      for (let n = 0; n < 50; n++) {
        talk.report(n % 2 === 0 ? 'starved' : 'playing')
        talk.pass(10)
      }
      talk.report('playing')
      talk.pass(2_000)
      expect(sends(talk.heard())).to.deep.equal([
        'client/state {"state":"error","player":{"state":"error"}}',
        'client/state {"state":"synchronized","player":{"state":"synchronized"}}',
      ])
    })

    it('drops audio that comes without a stream or over another connection', () => {
      const talk = new Conversation()
      talk.settle()
      talk.stream(talk.serverNow + second, 10)
      talk.startStream()
      talk.stream(talk.serverNow + second, 10, 99)
      talk.pass(100)
      expect(talk.media.endFrame).to.equal(0)
    })

    it('stays silent, and says why, when the server sends what it cannot decode', () => {
      const talk = new Conversation()
      talk.decodes = false
      talk.settle()
      talk.startStream()
      talk.pass(20)
      talk.stream(talk.serverNow + second, 10)
      talk.pass(100)
      expect(talk.heard()).to.include('! no decoder: no such codec; this stream stays silent')
      expect(talk.player.status(talk.nowUs as never).chunks.undecodable).to.equal(10)

      talk.say({
        type: 'stream/start',
        payload: { player: { codec: 'mp3' as never, sample_rate: 48_000, channels: 2 } },
      })
      expect(talk.heard()).to.include('! Server house sends mp3, which this player cannot decode')

      talk.decodes = true
      talk.startStream()
      expect(talk.heard()).to.deep.equal(['decoder 3: opus'])
    })

    it('shows what is playing', () => {
      const talk = playing()
      const timestamp = talk.serverNow
      talk.say({ type: 'server/state', payload: { metadata: { timestamp, title: 'Blue', artist: 'Joni' } } })
      talk.say({ type: 'server/state', payload: { metadata: { timestamp, artist: null } } })
      talk.say({ type: 'group/update', payload: { group_name: 'Downstairs', playback_state: 'playing' } })
      const status = talk.player.status(talk.nowUs as never)
      expect(status).to.include({ title: 'Blue', artist: undefined, group: 'Downstairs', format: 'opus/48000/2/16' })
      expect(status.clockErrorBoundUs).to.be.within(0, 2_000)
      expect(status.bufferedMs).to.be.greaterThan(5_000)
    })

    it('knows ever less about the clock, as fast as one may be slewed, while nobody answers', () => {
      const talk = playing()
      talk.drop()
      const boundUs = (afterUs: number) => talk.player.status((talk.nowUs + afterUs) as never).clockErrorBoundUs!
      // 700 µs a second, and what the estimate moves by meanwhile.
      expect(boundUs(1e6) - boundUs(0)).to.be.within(700, 800)
      expect(boundUs(60e6) - boundUs(0)).to.be.within(42_000, 48_000)
    })
  })

  describe('when the connection is lost', () => {
    it('plays on from its buffer, and lets the new stream replace the old from its first chunk', () => {
      const talk = playing()
      const epoch = talk.control?.anchor?.epoch
      talk.drop()
      talk.pass(500)
      talk.report('playing')
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
      expect(talk.control?.clock).to.not.equal(undefined)
      talk.open()
      talk.hello()
      talk.pass(100)
      talk.startStream()
      const buffered = talk.player.status(talk.nowUs as never).bufferedMs
      talk.stream(talk.serverNow + 3 * second, 1)
      expect(talk.player.status(talk.nowUs as never).bufferedMs).to.be.within(1_000, buffered - 4_000)
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
    })

    it('stops and starts in step when the server has come back with another clock', () => {
      const talk = playing()
      talk.pass(30_000)
      const driftPpm = talk.player.status(talk.nowUs as never).driftPpm!
      talk.startStream()
      talk.stream(talk.serverNow + 0.5 * second, 100)
      talk.report('playing')
      talk.drop()
      talk.pass(200)
      talk.serverOffsetUs = 77_000_000
      talk.heard()
      talk.open()
      talk.hello()
      talk.pass(1)
      expect(talk.heard()).to.include('! Server house has restarted its clock; starting in step again')
      expect(talk.control).to.include({ clock: undefined, anchor: undefined })
      talk.pass(2_000)
      expect(talk.player.state).to.equal('ready')
      expect(talk.player.status(talk.nowUs as never).driftPpm).to.be.closeTo(driftPpm, 1)
      const model = talk.control!.clock!
      expect(model.serverAt - model.localAt).to.be.closeTo(77_000_000, 10_000)
    })

    it('forgets what it was playing once that is over', () => {
      const talk = playing()
      talk.drop()
      for (let n = 0; n < 250; n++) {
        talk.pass(50)
        talk.report('playing')
      }
      expect(talk.control?.anchor).to.equal(undefined)
    })
  })
})
