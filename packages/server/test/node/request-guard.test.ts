import { expect } from 'chai'
import { findRefusal, isForeignPage } from '../../src/node/request-guard.js'

const names = ['music', 'music.local']

describe('findRefusal', () => {
  it('lets programs and our own pages in, by address or by a name of this machine', () => {
    for (const host of ['127.0.0.1:8929', '192.168.1.5', '[::1]:8929', 'localhost:1', 'music.local:8929', 'MUSIC']) {
      expect(findRefusal({ host }, names), host).to.equal(undefined)
      expect(findRefusal({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, names)).to.equal(
        undefined,
      )
    }
    expect(findRefusal({ host: 'localhost', 'sec-fetch-site': 'none' }, names)).to.equal(undefined)
  })

  it('keeps out names that somebody else may have pointed at us', () => {
    for (const host of ['evil.example', 'evil.example:8929', 'localhost.evil.example', 'user@localhost', 'a b', '']) {
      expect(findRefusal({ host }, names), host).to.be.a('string')
    }
    expect(findRefusal({}, names)).to.contain('no host')
  })

  it('keeps out pages from elsewhere, however they come', () => {
    const host = '127.0.0.1:8929'
    expect(findRefusal({ host, origin: 'http://evil.example' }, names)).to.contain('evil.example')
    expect(findRefusal({ host, origin: 'null' }, names)).to.be.a('string')
    expect(findRefusal({ host, origin: 'http://127.0.0.1:1234' }, names)).to.be.a('string')
    expect(findRefusal({ host, 'sec-fetch-site': 'cross-site' }, names)).to.be.a('string')
    expect(findRefusal({ host, 'sec-fetch-site': 'same-site' }, names)).to.be.a('string')
  })
})

describe('isForeignPage', () => {
  it('lets programs and pages of the local network be players, and none of the wide web', () => {
    expect(isForeignPage({}, names)).to.equal(false)
    for (const origin of [
      'http://192.168.1.5:8927',
      'http://[fe80::1]',
      'http://localhost',
      'https://hub.local',
      'http://music',
    ]) {
      expect(isForeignPage({ origin }, names), origin).to.equal(false)
    }
    for (const origin of ['https://evil.example', 'http://192.168.1.5.evil.example', 'null', 'file://', '']) {
      expect(isForeignPage({ origin }, names), origin).to.equal(true)
    }
  })
})
