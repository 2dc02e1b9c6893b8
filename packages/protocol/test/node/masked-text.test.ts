import { expect } from 'chai'
import fc from 'fast-check'
import { maskedText } from '../../src/node/masked-text.js'

/** What RFC 6455, section 5.2, says a receiver makes of a frame. */
function read(frame: Uint8Array): { readonly first: number; readonly mask: string; readonly text: string } {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  expect(frame[1]! & 0x80, 'mask bit').to.equal(0x80)
  const short = frame[1]! & 0x7f
  const maskAt = short === 127 ? 10 : short === 126 ? 4 : 2
  const length = short === 127 ? Number(view.getBigUint64(2)) : short === 126 ? view.getUint16(2) : short
  const mask = frame.subarray(maskAt, maskAt + 4)
  const payload = frame.slice(maskAt + 4)
  expect(payload.length).to.equal(length)
  for (let i = 0; i < length; i++) payload[i]! ^= mask[i % 4]!
  return { first: frame[0]!, mask: mask.join(), text: new TextDecoder().decode(payload) }
}

describe('a masked text frame', () => {
  it('says what it was given, in the shortest header there is', () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536]) {
      const frame = maskedText('x'.repeat(length))
      expect(frame.length - length - 4).to.equal(length < 126 ? 2 : length < 65_536 ? 4 : 10)
      expect(read(frame)).to.include({ first: 0x81, text: 'x'.repeat(length) })
    }
  })

  it('says any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(read(maskedText(text)).text).to.equal(text)
      }),
    )
  })

  it('has a mask of its own each time', () => {
    const masks = new Set(Array.from({ length: 3000 }, () => read(maskedText('{}')).mask))
    expect(masks.size).to.be.greaterThan(2990) // of 2^32, two of 3000 are the same once in a thousand times
  })
})
