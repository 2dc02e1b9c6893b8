import { expect } from 'chai'
import { LiveRate } from '../src/live-rate.js'

const sampleRate = 48_000
/** Of 5 ms, as a live source is read. */
const blockFrames = 240

/** Plays for `forS`, a look at the excess every second, and notes the excess and the rate after every block. */
function follow(rate: LiveRate, startUs: number, ppm: number, forS: number) {
  const blocks: { readonly atS: number; readonly excessUs: number; readonly ppm: number }[] = []
  let excessUs = startUs
  for (let n = 0; n < forS * 200; n++) {
    if (n > 0 && n % 200 === 0) rate.steer(excessUs, 1)
    const { startRatio, endRatio } = rate.bend(blockFrames, true)
    excessUs += 5000 * (ppm * 1e-6 - ((startRatio + endRatio) / 2 - 1))
    blocks.push({ atS: (n + 1) / 200, excessUs, ppm: (endRatio - 1) * 1e6 })
  }
  return blocks
}

describe('LiveRate', () => {
  it('halves an error in 17 s', () => {
    const blocks = follow(new LiveRate(sampleRate), 5_000, 0, 60)
    expect(blocks.find(({ excessUs }) => excessUs < 2_500)?.atS).to.be.closeTo(17, 1)
  })

  it('finds a crystal 80 ppm off, and never leaves the target by more than 1.4 ms', () => {
    const blocks = follow(new LiveRate(sampleRate), 0, 80, 600)
    expect(Math.max(...blocks.map(({ excessUs }) => Math.abs(excessUs)))).to.be.within(1_000, 1_400)
    expect(blocks.at(-1)!.ppm).to.be.closeTo(80, 0.1)
    expect(blocks.at(-1)!.excessUs).to.be.closeTo(0, 10)
  })

  it('bends by 100 ppm a second and by 1000 ppm at most, each run from where the last one ended', () => {
    const rate = new LiveRate(sampleRate)
    rate.steer(1e9, 1)
    let before = 1
    for (let n = 0; n < 200 * 60; n++) {
      const { startRatio, endRatio } = rate.bend(blockFrames, true)
      expect(startRatio).to.equal(before)
      expect(endRatio - startRatio).to.be.within(0, 0.5e-6 + 1e-12)
      expect(rate.soonRatio - endRatio).to.be.closeTo(50e-6, 1e-12)
      before = endRatio
    }
    expect(before).to.be.closeTo(1.001, 1e-6)
  })

  it('goes back to nominal where nothing is followed, and finds what was wanted again', () => {
    const rate = new LiveRate(sampleRate)
    rate.steer(2_000, 1)
    for (let n = 0; n < 200 * 60; n++) rate.bend(blockFrames, true)
    expect(rate.ratio).to.be.closeTo(1 + 100e-6, 1e-9)
    for (let n = 0; n < 200 * 60; n++) rate.bend(blockFrames, false)
    expect(rate.ratio).to.be.closeTo(1, 1e-9)
    for (let n = 0; n < 200 * 60; n++) rate.bend(blockFrames, true)
    expect(rate.ratio).to.be.closeTo(1 + 100e-6, 1e-9)
  })
})
