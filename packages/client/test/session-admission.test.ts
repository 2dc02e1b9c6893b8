import { expect } from 'chai'
import { displaces, type Suitor } from '../src/session-admission.js'

const server = (serverId: string, reason: Suitor['reason']): Suitor => ({ serverId, reason })

describe('displaces', () => {
  it('lets a server that plays have the player', () => {
    expect(displaces(server('b', 'playback'), server('a', 'discovery'), undefined)).to.equal(true)
    expect(displaces(server('b', 'playback'), server('a', 'playback'), undefined)).to.equal(true)
    expect(displaces(server('b', 'discovery'), server('a', 'playback'), 'b')).to.equal(false)
  })

  it('prefers of two that only look the one that played last', () => {
    expect(displaces(server('b', 'discovery'), server('a', 'discovery'), 'b')).to.equal(true)
    expect(displaces(server('b', 'discovery'), server('a', 'discovery'), 'a')).to.equal(false)
    expect(displaces(server('b', 'discovery'), server('a', 'discovery'), undefined)).to.equal(false)
  })

  it('believes the newer connection of one server: the older is dead and does not know it yet', () => {
    expect(displaces(server('a', 'discovery'), server('a', 'playback'), undefined)).to.equal(true)
  })
})
