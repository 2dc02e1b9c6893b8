import { expect } from 'chai'
import { GainRamp } from '../src/gain-ramp.js'

const run = (ramp: GainRamp, target: number, frames = 480) => {
  const samples = new Float32Array(frames).fill(1)
  ramp.apply([samples], frames, target)
  return samples
}

describe('GainRamp', () => {
  it('reaches its target after 20 ms in equal steps, across periods', () => {
    const ramp = new GainRamp(48_000)
    const samples = [...run(ramp, 1), ...run(ramp, 1), ...run(ramp, 1)]
    samples.slice(0, 960).forEach((gain, i) => {
      expect(gain).to.be.closeTo(i / 960, 1e-6)
    })
    expect(samples.slice(960)).to.deep.equal(Array(480).fill(1))
  })

  it('turns round without a step when the target changes on the way', () => {
    const ramp = new GainRamp(48_000)
    const samples = [...run(ramp, 1, 500), ...run(ramp, 0.2, 480), ...run(ramp, 0, 480), ...run(ramp, 0, 960)]
    for (let i = 1; i < samples.length; i++)
      expect(Math.abs(samples[i]! - samples[i - 1]!)).to.be.at.most(1 / 960 + 1e-6)
    expect(samples.at(-1)).to.equal(0)
  })

  it('leaves samples as they are, to the bit, at gain 1', () => {
    const ramp = new GainRamp(48_000)
    run(ramp, 1, 960)
    const samples = Float32Array.from({ length: 480 }, (_, i) => Math.sin(i))
    const before = samples.slice()
    ramp.apply([samples], 480, 1)
    expect(samples).to.deep.equal(before)
  })
})
