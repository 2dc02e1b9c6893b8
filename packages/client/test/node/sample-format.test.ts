import { expect } from 'chai'
import { sampleFormats } from '../../src/node/outputs/alsa/sample-format.js'

/** Reads back one sample as the card would. */
const readers: Readonly<Record<string, (view: DataView, index: number) => number>> = {
  FLOAT_LE: (view, i) => view.getFloat32(i * 4, true),
  S32_LE: (view, i) => view.getInt32(i * 4, true) / 2 ** 31,
  S24_LE: (view, i) => view.getInt32(i * 4, true) / 2 ** 23,
  S24_3LE: (view, i) => (((view.getUint8(i * 3 + 2) << 24) >> 8) | view.getUint16(i * 3, true)) / 2 ** 23,
  S16_LE: (view, i) => view.getInt16(i * 2, true) / 2 ** 15,
}
/** Full scale is a step less than 1 in integers. */
const toleranceOf: Readonly<Record<string, number>> = {
  FLOAT_LE: 0,
  S32_LE: 2 ** -30,
  S24_LE: 2 ** -22,
  S24_3LE: 2 ** -22,
  S16_LE: 2 ** -15,
}

describe('sampleFormats', () => {
  for (const { name, bytesPerSample, interleaveInto } of sampleFormats) {
    it(`${name} keeps every sample to within its resolution and clips beyond full scale`, () => {
      const left = Float32Array.of(0, 0.5, -0.5, 1, -1, 1.7, -1.7, 1e-5)
      const right = left.map((sample) => -sample)
      const buffer = new ArrayBuffer(left.length * 2 * bytesPerSample)
      interleaveInto(buffer)([left, right], left.length)
      const view = new DataView(buffer)
      for (const [c, samples] of [left, right].entries()) {
        for (const [i, sample] of samples.entries()) {
          const heard = readers[name]!(view, i * 2 + c)
          expect(heard).to.be.closeTo(Math.max(-1, Math.min(1, sample)), toleranceOf[name]!)
        }
      }
    })
  }
})
