import { expect } from 'chai'
import { decodePlainText } from '../../src/node/source/plain-text.js'

describe('decodePlainText', () => {
  it('reads UTF-8', () => {
    expect(decodePlainText(new TextEncoder().encode('Björk – Jóga'))).to.equal('Björk – Jóga')
  })

  it('reads as Latin-1 what is no UTF-8', () => {
    expect(decodePlainText(Uint8Array.of(0x42, 0x6a, 0xf6, 0x72, 0x6b))).to.equal('Björk')
  })
})
