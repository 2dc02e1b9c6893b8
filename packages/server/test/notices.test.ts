import type { ServerUs } from '@tutti/clock'
import type { ServerMessage } from '@tutti/protocol'
import { expect } from 'chai'
import { Member } from '../src/member.js'
import { notify, titleFrom } from '../src/notices.js'
import { handFedDeck, piece } from './hand-fed-deck.js'
import type { TestBlock, TestPayload } from './stage.js'

const us = (reading: number) => reading as ServerUs

/** A display and remote control in a group whose track is heard from 0 on. */
function playing() {
  const { deck, programme } = handFedDeck(false)
  deck.reader.append(piece(10_000))
  programme.start(us(0))
  const member = new Member<TestBlock, TestPayload>('hall', 'Hall')
  member.connection = 7
  member.roles = ['metadata@v1', 'controller@v1']
  const group = { id: 'g1', name: 'Home', isPlaying: true, deck, members: [member] }
  const told = (at: number, changed = {}): ServerMessage[] => {
    const messages: ServerMessage[] = []
    const emit = (output: { readonly type: string; readonly message?: unknown }) =>
      void messages.push(output.message as ServerMessage)
    notify({ ...group, ...changed }, member, { emit }, us(at))
    return messages
  }
  return { deck, member, told }
}

describe('notify', () => {
  it('tells a member what it can do with, each part once', () => {
    const { told } = playing()
    const [group, controller, metadata, ...more] = told(0)
    expect(group).to.deep.equal({
      type: 'group/update',
      payload: { group_id: 'g1', group_name: 'Home', playback_state: 'playing' },
    })
    expect(controller?.payload).to.have.nested.property('controller.repeat', 'off')
    expect(metadata?.payload).to.have.nested.property('metadata.title', 'track')
    expect(more).to.deep.equal([])
    expect(told(0)).to.deep.equal([])
  })

  it('takes a position that only runs on for no news, but one that jumps', () => {
    const { deck, told } = playing()
    told(0)
    expect(told(2_000_000)).to.deep.equal([])
    deck.pause(us(3_000_000))
    const [metadata] = told(3_000_000)
    expect(metadata?.payload).to.have.nested.property('metadata.progress.track_progress', 3_000)
    expect(metadata?.payload).to.have.nested.property('metadata.progress.playback_speed', 0)
  })

  it('tells only what has changed', () => {
    const { told } = playing()
    told(0)
    expect(told(0, { name: 'Downstairs' }).map(({ type }) => type)).to.deep.equal(['group/update'])
  })

  it('tells nobody who is away', () => {
    const { member, told } = playing()
    member.connection = undefined
    expect(told(0)).to.deep.equal([])
  })
})

describe('titleFrom', () => {
  it('is a file’s name, or the whole address of anything else', () => {
    expect(titleFrom('/music/Blue.flac')).to.equal('Blue')
    expect(titleFrom('C:\\Music\\No. 9.mp3')).to.equal('No. 9')
    expect(titleFrom('https://radio.example/stream')).to.equal('https://radio.example/stream')
  })
})
