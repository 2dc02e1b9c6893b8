import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import fc from 'fast-check'
import { BlockMaker } from '../src/audio-block.js'
import { dequantize, quantize } from '../src/quantizer.js'

const blocks = new BlockMaker({ channels: 1, sampleRate: 48000 })

function mono(samples: readonly number[]): AudioBuffer {
  const block = new AudioBuffer({ length: samples.length, numberOfChannels: 1, sampleRate: 48000 })
  block.copyToChannel(Float32Array.from(samples), 0)
  return block
}

/** A fixed stand-in for chance: Park and Miller's generator. */
function chance(): () => number {
  let state = 1
  return () => {
    state = (state * 48271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}

describe('the quantizer', () => {
  it('gives back every 16-bit integer', () => {
    const all = Int32Array.from({ length: 65536 }, (_, i) => i - 32768)
    expect([...quantize(dequantize(all, 16, blocks), 16)]).to.deep.equal([...all])
  })

  it('gives back any 24-bit integer', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), (integer) => {
        expect(quantize(dequantize(Int32Array.of(integer), 24, blocks), 24)[0]).to.equal(integer)
      }),
    )
  })

  it('keeps 16-bit content as it is at 24 and 32 bits', () => {
    expect([...quantize(mono([1 / 32768, -1]), 24)]).to.deep.equal([256, -(2 ** 23)])
    expect([...quantize(mono([1 / 32768, -1]), 32)]).to.deep.equal([65536, -(2 ** 31)])
  })

  it('gives computed audio no more bits than asked for, and what lies on the grid all it has', () => {
    const computed = mono([0.1, -0.3, 1.5, -1.5])
    expect([...quantize(computed, 24, undefined, 20)]).to.deep.equal([
      Math.round(Math.fround(0.1) * 2 ** 19) * 16,
      Math.round(Math.fround(-0.3) * 2 ** 19) * 16,
      2 ** 23 - 16,
      -(2 ** 23),
    ])
    const integers = Int32Array.of(1, -77, 2 ** 23 - 1, 5_000_001)
    expect([...quantize(dequantize(integers, 24, blocks), 24, undefined, 20)]).to.deep.equal([...integers])
  })

  it('clips at full scale instead of wrapping round', () => {
    for (const bitDepth of [16, 24, 32]) {
      const top = 2 ** (bitDepth - 1)
      expect([...quantize(mono([1, 1.5, -1.5, Infinity, -Infinity]), bitDepth)]).to.deep.equal([
        top - 1,
        top - 1,
        -top,
        top - 1,
        -top,
      ])
    }
  })

  it('takes a sample that is not a number for silence', () => {
    expect([...quantize(mono([Number.NaN]), 16)]).to.deep.equal([0])
  })

  it('does not dither what already lies on the grid', () => {
    const samples = [0, 5 / 32768, -7 / 32768, 0.5]
    expect([...quantize(mono(samples), 16, chance())]).to.deep.equal(samples.map((sample) => sample * 32768))
  })

  it('makes a tone of a third of a step audible with dither, and swallows it without', () => {
    const tone = Array.from({ length: 48000 }, (_, i) => (Math.sin(i / 20) * 0.33) / 32768)
    const correlation = (integers: Int32Array) => integers.reduce((sum, value, i) => sum + value * Math.sin(i / 20), 0)
    expect(correlation(quantize(mono(tone), 16))).to.equal(0)
    // A third of a step for 48 000 frames correlates to 7920; TPDF noise has a standard deviation of about 110 there.
    expect(correlation(quantize(mono(tone), 16, chance()))).to.be.closeTo(7920, 600)
  })
})
