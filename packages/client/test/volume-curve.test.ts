import { expect } from 'chai'
import { volumeGain } from '../src/volume-curve.js'

describe('volumeGain', () => {
  it('is silent at 0, full at 100 and about 9 dB down half-way', () => {
    expect(volumeGain(0)).to.equal(0)
    expect(volumeGain(100)).to.equal(1)
    expect(20 * Math.log10(volumeGain(50))).to.be.closeTo(-9.03, 0.01)
  })

  it('never amplifies, whatever volume a server asks for', () => {
    expect(volumeGain(400)).to.equal(1)
    expect(volumeGain(-3)).to.equal(0)
  })
})
