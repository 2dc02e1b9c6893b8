import { expect } from 'chai'
import { type CycleGroup, nextInCycle, ownGroup, type Switcher } from '../src/switch-cycle.js'

const group = (id: string, clients: string[], isPlaying = false, players = clients): CycleGroup => ({
  id,
  isPlaying,
  clients,
  players,
})
const groups = [
  group('quiet', ['p', 'q']),
  group('party', ['a', 'b'], true),
  group('study', ['c']),
  group('lamps', ['lamp'], false, []),
  group('mine', ['me']),
]
const me: Switcher = { id: 'me', isPlayer: true, group: 'mine', previousGroup: undefined }

describe('nextInCycle', () => {
  it('takes a player through playing groups, other players, and back to a group of its own', () => {
    expect(nextInCycle(me, groups)).to.equal('party')
    const inParty = [group('party', ['a', 'b', 'me'], true), group('study', ['c'])]
    expect(nextInCycle({ ...me, group: 'party' }, inParty)).to.equal('study')
    const inStudy = [group('party', ['a', 'b'], true), group('study', ['c', 'me'])]
    expect(nextInCycle({ ...me, group: 'study' }, inStudy)).to.equal('party')
  })

  it('ends in a group of its own', () => {
    const playing = [group('party', ['a', 'b', 'me'], true)]
    expect(nextInCycle({ ...me, group: 'party' }, playing)).to.equal(ownGroup)
  })

  it('offers no group of its own to a client without a player', () => {
    const remote: Switcher = { id: 'r', isPlayer: false, group: 'study', previousGroup: undefined }
    const visited = [group('party', ['a', 'b'], true), group('study', ['c', 'r'], false, ['c'])]
    expect(nextInCycle(remote, visited)).to.equal('party')
    expect(nextInCycle({ ...remote, group: 'party' }, [group('party', ['a', 'b', 'r'], true, ['a', 'b'])])).to.equal(
      undefined,
    )
  })

  it('goes back first to the group it was taken from', () => {
    expect(nextInCycle({ ...me, previousGroup: 'quiet' }, groups)).to.equal('quiet')
    expect(nextInCycle({ ...me, previousGroup: 'gone' }, groups)).to.equal('party')
  })

  it('stays where there is nowhere else to go', () => {
    expect(nextInCycle(me, [group('mine', ['me'])])).to.equal(undefined)
  })
})
