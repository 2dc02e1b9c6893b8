import { expect } from 'chai'
import { ipv4Interfaces, reachableAddress } from '../../src/node/network-interfaces.js'

describe('reachableAddress', () => {
  const ours = [
    { address: '192.168.1.5', netmask: '255.255.255.0' },
    { address: '10.1.2.3', netmask: '255.0.0.0' },
  ]

  it('prefers an address in a network we are on', () => {
    expect(reachableAddress(['172.17.0.1', '192.168.1.9'], '172.17.0.1', ours)).to.equal('192.168.1.9')
    expect(reachableAddress(['172.17.0.1', '10.200.0.1'], undefined, ours)).to.equal('10.200.0.1')
  })

  it('does not depend on the order of an answer, so that a peer does not seem to move', () => {
    const answer = ['10.9.9.9', '192.168.1.9', '10.8.8.8']
    expect(reachableAddress(answer, undefined, ours)).to.equal(reachableAddress([...answer].reverse(), undefined, ours))
  })

  it('falls back to where the answer came from, then to anything', () => {
    expect(reachableAddress(['172.17.0.1'], '203.0.113.1', ours)).to.equal('203.0.113.1')
    expect(reachableAddress(['172.17.0.1'], undefined, ours)).to.equal('172.17.0.1')
    expect(reachableAddress(['fe80::1'], undefined, ours)).to.equal(undefined)
  })

  it('takes no nonsense for an address', () => {
    expect(reachableAddress(['192.168.1', '192.168.1.256', '192.168.1.x', ''], undefined, ours)).to.equal(undefined)
  })
})

describe('ipv4Interfaces', () => {
  it('finds at least the loopback, so that one machine alone still works', () => {
    expect(ipv4Interfaces()).to.not.have.length(0)
  })
})
