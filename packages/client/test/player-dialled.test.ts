import { expect } from 'chai'
import { Conversation } from './conversation.js'

describe('Player', () => {
  describe('that lets itself be dialled', () => {
    const courted = (settings = {}) => new Conversation({ connect: 'listen', settings })

    it('dials nobody', () => {
      const talk = courted()
      talk.pass(60_000)
      talk.settle()
      talk.drop()
      expect(talk.transcript.at(-1)).to.equal('! lost the server: connection reset; waiting for one to come back')
      talk.pass(60_000)
      expect(talk.heard().filter((line) => line === 'dial')).to.deep.equal([])
      expect(talk.player.state).to.equal('waiting')
    })

    it('leaves a server that is just looking for one that plays', () => {
      const talk = courted()
      talk.open()
      talk.hello(1, { id: 'a' })
      talk.open()
      talk.heard()
      talk.hello(2, { id: 'b', reason: 'playback' })
      expect(talk.heard()).to.deep.equal([
        '1> client/goodbye {"reason":"another_server"}',
        '1> hangs up: another_server',
        'syncing → waiting',
        'waiting → greeting',
        'greeting → syncing',
      ])
      talk.drop(1)
      expect(talk.player.state).to.equal('syncing')
      expect(talk.saved.at(-1)?.lastServerId).to.equal('b')
    })

    it('keeps a server that plays, and of two that look the one that played last', () => {
      const talk = courted({ lastServerId: 'b' })
      talk.open()
      talk.hello(1, { id: 'a' })
      talk.open()
      talk.hello(2, { id: 'b' })
      talk.open()
      talk.heard()
      talk.hello(3, { id: 'a' })
      expect(talk.heard()).to.deep.equal([
        '3> client/goodbye {"reason":"another_server"}',
        '3> hangs up: another_server',
      ])
    })

    it('takes back the same server over a newer connection', () => {
      const talk = courted()
      talk.open()
      talk.hello(1, { id: 'a', reason: 'playback' })
      talk.open()
      talk.hello(2, { id: 'a' })
      talk.heard()
      talk.drop(1)
      expect(talk.player.state).to.equal('syncing')
      talk.drop(2)
      expect(talk.player.state).to.equal('waiting')
    })

    it('does not collect servers that never say hello', () => {
      const talk = courted()
      for (let n = 0; n < 10; n++) talk.open()
      expect(talk.heard().filter((line) => line.endsWith('hangs up: too many servers at once'))).to.have.length(5)
    })
  })
})
